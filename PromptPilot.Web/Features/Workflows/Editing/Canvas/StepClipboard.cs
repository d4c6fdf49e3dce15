using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>Steps that were copied, as a browser keeps them: to be pasted here or into another workflow.</summary>
public sealed record StepClipboard(IReadOnlyList<KeptStep> Steps)
{
    public const int Most = 100;

    public string Write() => JsonSerializer.Serialize(this, AppJson.Options);

    /// <summary>Null where it holds no steps: a browser's storage can hold anything.</summary>
    public static StepClipboard? Read(string? json)
    {
        try
        {
            return
                json is not null
                && JsonSerializer.Deserialize<StepClipboard>(json, AppJson.Options) is { Steps: { Count: > 0 and <= Most } steps } read
                && steps.All(step =>
                    step is { PromptId: not null, Model: not null, OutputKey: not null, Mapping: not null, Options.Texts: not null }
                )
                ? read
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Adds the steps at a place, from 0, under output keys that are free. What they read of each other follows.</summary>
    /// <param name="prompts">Details of each prompt they use, by id.</param>
    public IReadOnlyList<StepDraft> PasteInto(WorkflowDraft draft, int index, IReadOnlyDictionary<string, PromptDetails> prompts)
    {
        List<StepDraft> pasted = [];
        var renamed = new List<(string From, string To)>();
        foreach (var kept in Steps)
        {
            var step = StepDraft.From(kept with { Options = kept.Options.Copy() }, prompts[kept.PromptId], key: null);
            foreach (var (from, to) in renamed)
            {
                foreach (var (variable, expression) in step.Mapping.ToList())
                {
                    step.Mapping[variable] = Rename(expression, from, to);
                }

                (step.Options.When, step.Options.ForEach) = (Rename(step.Options.When, from, to), Rename(step.Options.ForEach, from, to));
            }

            var isTaken = draft.Inputs.Any(i => i.Name == kept.OutputKey) || draft.Steps.Any(s => s.OutputKey == kept.OutputKey);
            if (isTaken && kept.OutputKey != "")
            {
                step.OutputKey = draft.FreeKey(kept.OutputKey);
                renamed.Add((kept.OutputKey, step.OutputKey));
            }

            draft.Steps.Insert(Math.Clamp(index + pasted.Count, 0, draft.Steps.Count), step);
            pasted.Add(step);
        }

        return pasted;
    }

    /// <summary>The expression with a key under its new name; as it was where it does not read the key, or cannot be parsed.</summary>
    public static string Rename(string expression, string from, string to)
    {
        if (!LiquidExpression.Parse(expression).Reads.Contains(from))
        {
            return expression;
        }

        var text = new System.Text.StringBuilder();
        var quote = '\0';
        for (var i = 0; i < expression.Length; i++)
        {
            var letter = expression[i];
            quote =
                quote == '\0' && letter is '\'' or '"' ? letter
                : quote == letter ? '\0'
                : quote;
            var end = i;
            while (quote == '\0' && end < expression.Length && IsOfName(expression[end]))
            {
                end++;
            }

            if (end == i)
            {
                text.Append(letter);
                continue;
            }

            var word = expression[i..end];
            var isPart = i > 0 && expression[i - 1] == '.';
            text.Append(word == from && !isPart && !IsFilter(expression, i) ? to : word);
            i = end - 1;
        }

        var renamed = text.ToString();
        return LiquidExpression.Parse(renamed) is { Errors.Count: 0 } parsed && parsed.Reads.Contains(to) ? renamed : expression;
    }

    private static bool IsFilter(string expression, int at) => expression[..at].TrimEnd().EndsWith('|');

    private static bool IsOfName(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '-';
}
