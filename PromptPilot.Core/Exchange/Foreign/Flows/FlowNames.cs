using System.Text;
using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange.Foreign.Flows;

/// <summary>The names of a flow's inputs and outputs here: valid, and each one once.</summary>
internal sealed class FlowNames
{
    private const int Longest = 48;

    private readonly ForeignFlow _flow;
    private readonly UniqueNames _used = new(StringComparer.Ordinal, "_");
    private readonly Dictionary<string, string> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);

    public FlowNames(ForeignFlow flow)
    {
        _flow = flow;
        var inputs = new List<WorkflowInput>();
        foreach (var input in flow.Inputs.Where(input => !_inputs.ContainsKey(input.Name)))
        {
            var name = Unique(input.Name, "input", keepCase: true);
            _inputs[input.Name] = name;
            input.Name = name;
            inputs.Add(input);
        }

        foreach (var target in flow.Prompts.SelectMany(prompt => ReferencesIn(prompt).Select(reference => flow.Resolve(prompt, reference))))
        {
            if (target is { IsOutput: false, Name: var name } && !_inputs.ContainsKey(name))
            {
                inputs.Add(new WorkflowInput { Name = _inputs[name] = Unique(name, "input", keepCase: true) });
            }
        }

        Inputs = inputs;
        foreach (var prompt in flow.Prompts)
        {
            _keys[prompt.Id] = Unique(prompt.Title, "output", keepCase: false);
        }
    }

    public IReadOnlyList<WorkflowInput> Inputs { get; }

    public string KeyOf(FlowPrompt prompt) => _keys[prompt.Id];

    public string? InputOf(string? name) => name is null ? null : _inputs.GetValueOrDefault(name);

    /// <summary>The name of what a reference points to; null: nothing that comes along.</summary>
    public string? Of(FlowPrompt prompt, string reference) =>
        _flow.Resolve(prompt, reference) is not { } target ? null
        : target.IsOutput ? _keys.GetValueOrDefault(target.Name)
        : _inputs[target.Name];

    public static IEnumerable<string> ReferencesIn(FlowPrompt prompt) =>
        prompt.Jinja?.Values ?? prompt.Messages.SelectMany(message => PlainTemplates.ReferencesIn(message.Text)).Distinct();

    private string Unique(string text, string kind, bool keepCase)
    {
        var name = Plain(text, keepCase);
        if (name == "" || KeyNames.Problem(name, LiquidFilters.IsFilter) is not null)
        {
            name =
                name == "" ? kind
                : KeyNames.IsName(name) ? $"{name}_{kind}"
                : $"{kind}_{name}";
        }

        return _used.Take(name);
    }

    private static string Plain(string text, bool keepCase)
    {
        var name = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (KeyNames.IsInside(rune))
            {
                name.Append(keepCase ? rune.ToString() : Rune.ToLowerInvariant(rune).ToString());
            }
            else if (name.Length > 0 && name[^1] != '_')
            {
                name.Append('_');
            }

            if (name.Length >= Longest)
            {
                break;
            }
        }

        return name.ToString().Normalize(NormalizationForm.FormC).Trim('_');
    }
}
