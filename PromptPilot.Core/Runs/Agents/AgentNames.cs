using System.Text;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Agents;

/// <summary>Names for agents, which know only ASCII letters, digits, <c>_</c> and <c>-</c>. Pure functions.</summary>
internal static class AgentNames
{
    private const int Longest = 50;

    /// <summary>A name for each workflow, by its id; the older of two alike keeps the plain one.</summary>
    /// <param name="workflows">Ids and names.</param>
    public static Dictionary<string, string> OfWorkflows(IEnumerable<(string Id, string Name)> workflows)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal) { AgentToolService.GetRun };
        foreach (var (id, name) in workflows.OrderBy(workflow => workflow.Id, StringComparer.Ordinal))
        {
            var plain = Plain(name);
            var unique = plain.Length > 0 && taken.Add(plain) ? plain : $"{(plain.Length > 0 ? plain : "workflow")}_{id[^8..]}";
            taken.Add(unique);
            names[id] = unique;
        }

        return names;
    }

    /// <summary>The property for each input, in their order: its own name if that is ASCII, else one by its place.</summary>
    public static IReadOnlyList<(string Property, WorkflowInput Input)> OfInputs(IReadOnlyList<WorkflowInput> inputs) =>
        [.. inputs.Select((input, at) => (input.Name.All(char.IsAscii) ? input.Name : Free($"input_{at + 1}", inputs), input))];

    private static string Free(string name, IReadOnlyList<WorkflowInput> inputs)
    {
        while (inputs.Any(input => input.Name == name))
        {
            name += "_";
        }

        return name;
    }

    private static string Plain(string name)
    {
        var plain = new StringBuilder();
        foreach (var letter in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                plain.Append(letter);
            }
            else if (plain.Length > 0 && plain[^1] != '_')
            {
                plain.Append('_');
            }
        }

        return plain.ToString(0, Math.Min(plain.Length, Longest)).Trim('_');
    }
}
