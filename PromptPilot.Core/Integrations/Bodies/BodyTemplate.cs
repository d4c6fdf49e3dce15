using System.Text;
using System.Text.Json;
using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Integrations.Bodies;

/// <summary>
/// The body of a webhook in the words of its receiver: JSON as a Liquid template. What <c>{{ }}</c> prints is escaped for a JSON string,
/// so that a quote or a line break in a value cannot break the JSON. After the filter <c>json</c> it is a whole JSON value.
/// </summary>
internal static class BodyTemplate
{
    /// <summary>The most characters of a template.</summary>
    public const int MaxLength = 20_000;

    /// <summary>The most bytes of a body that was rendered.</summary>
    public const int MaxBytes = 1_000_000;

    /// <summary>
    /// The variables: the fields of the usual body, and <c>title</c>, <c>text</c> and <c>url</c>, ready to be shown to people.
    /// </summary>
    public static readonly IReadOnlyList<string> Variables = ["title", "text", "url", "type", "timestamp", "data"];

    private static readonly MessageLinks Links = new(
        "https://portal.example.org/runs/1",
        ["https://portal.example.org/reviews/1", "https://portal.example.org/reviews/2"]
    );

    /// <summary>The error in a template, or null. It is rendered for each kind of message, with values that are hard to write.</summary>
    /// <param name="outputs">The keys of the workflow's outputs.</param>
    public static FieldError? Check(string template, IReadOnlyCollection<string> outputs, CancellationToken cancellationToken)
    {
        if (template.Length > MaxLength)
        {
            return At($"A body can have at most {MaxLength:N0} characters.");
        }

        var parsed = LiquidTemplate.Parse(template);
        if (parsed.Errors.Count > 0)
        {
            return At(LiquidText.Sentence(parsed.Errors[0]), parsed.Errors[0]);
        }

        if (parsed.Includes.Count > 0)
        {
            return At("A body cannot include parts. Write their text here.");
        }

        foreach (var (name, offset) in parsed.Syntax.Free.Where(free => !Variables.Contains(free.Name)))
        {
            var place = parsed.Syntax.Locate(
                $"There is no variable “{name}”.{Spelling.DidYouMean(name, Variables)} Use {string.Join(", ", Variables)}.",
                offset
            );
            return At(LiquidText.Sentence(place), place);
        }

        foreach (var sample in SamplePayloads.Of(outputs))
        {
            if (Render(template, sample, sample.Event is null ? MessageLinks.None : Links, cancellationToken) is { IsOk: false } wrong)
            {
                return At($"For the message “{WebhookMessage.TypeOf(sample)}”: {wrong.Problem.Message}");
            }
        }

        return null;
    }

    /// <summary>The body for a message.</summary>
    /// <param name="links">The page of what happened, and of reviews.</param>
    /// <returns>Or a problem that says what is wrong with the template.</returns>
    public static Result<byte[]> Render(string template, HookPayload payload, MessageLinks links, CancellationToken cancellationToken)
    {
        var message = WebhookMessage.Of(payload, links);
        var values = JsonSerializer
            .SerializeToElement(message, AppJson.Options)
            .EnumerateObject()
            .ToDictionary(field => field.Name, field => field.Value);
        values["title"] = AppJson.Text(HookWords.Title(payload));
        values["text"] = AppJson.Text(HookWords.Text(payload));
        if (links.Main is { } url)
        {
            values["url"] = AppJson.Text(url);
        }

        var rendered = LiquidTemplate.Parse(template).RenderJson(values, cancellationToken);
        if (!rendered.IsOk)
        {
            return rendered.Problem;
        }

        var body = Encoding.UTF8.GetBytes(rendered.Value);
        if (body.Length > MaxBytes)
        {
            return Problem.Invalid($"The body has more than {MaxBytes:N0} bytes. Shorten its values, e.g. by truncate: 4000.");
        }

        try
        {
            JsonElement.Parse(body);
            return body;
        }
        catch (JsonException error)
        {
            return Problem.Invalid(NotJson(rendered.Value, error));
        }
    }

    private static string NotJson(string text, JsonException error)
    {
        var line = (int)(error.LineNumber ?? 0);
        var near = text.Split('\n').ElementAtOrDefault(line)?.Trim() ?? "";
        var words = near.Length == 0 ? "" : $" near “{Shared.Texts.Shorten.Text(near, 60)}”";
        return $"Line {line + 1} of the rendered body is not valid JSON{words}. Put {{{{ … }}}} between quotes, or write "
            + "{{ … | json }} without quotes. Check commas and braces.";
    }

    private static FieldError At(string message, LiquidError? place = null) => new("body", message, place?.Line, place?.Column);
}
