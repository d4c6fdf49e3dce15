using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.TestSets;

/// <summary>Validates test cases.</summary>
internal static class TestCaseRules
{
    public const int MaxName = PromptChecks.MaxName;
    public const int MaxTags = 10;
    public const int MaxTag = 50;
    public const int MaxExpected = 100_000;
    public const int MaxInputs = 1024 * 1024;
    public const int MaxErrors = 20;

    /// <param name="path">Before each field, e.g. <c>cases[3].</c>.</param>
    public static IEnumerable<FieldError> Errors(TestCaseContent content, string path)
    {
        var name = content.Name.Trim();
        if (name.Length > MaxName || name.Any(char.IsControl))
        {
            yield return new FieldError($"{path}name", $"A name can have at most {MaxName} displayable characters.");
        }

        if (content.Expected is { Length: > MaxExpected })
        {
            yield return new FieldError($"{path}expected", $"An expected value can have at most {MaxExpected:N0} characters.");
        }

        foreach (var (input, value) in content.Inputs)
        {
            if (InputValues.Unusable(value) is { } unusable)
            {
                yield return new FieldError($"{path}inputs.{input}", unusable);
            }
        }

        if (content.Inputs.Values.Sum(value => (long)value.GetRawText().Length) > MaxInputs)
        {
            yield return new FieldError($"{path}inputs", $"The inputs of a case can have at most {MaxInputs:N0} characters.");
        }

        if (content.Tags.Count > MaxTags)
        {
            yield return new FieldError($"{path}tags", $"At most {MaxTags} tags are allowed; there are {content.Tags.Count}.");
        }

        foreach (var tag in content.Tags.Where(tag => tag.Trim().Length > MaxTag))
        {
            yield return new FieldError(
                $"{path}tags",
                $"A tag can have at most {MaxTag} characters; “{Shorten.Text(tag.Trim(), 21)}” has {tag.Trim().Length}."
            );
        }
    }
}
