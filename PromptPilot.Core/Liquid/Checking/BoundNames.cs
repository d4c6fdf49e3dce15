using Scriban.Syntax;

namespace PromptPilot.Core.Liquid.Checking;

/// <summary>The names with a value at a place of a template: by assign, capture or a counter before it, or by a loop around it.</summary>
/// <param name="refuse">Notes a mistake.</param>
internal sealed class BoundNames(Action<ScriptNode?, string> refuse)
{
    private readonly HashSet<string> _bound = new(StringComparer.Ordinal);
    private readonly List<string> _loops = [];

    public bool IsInLoop => _loops.Count > 0;

    public IEnumerable<string> All => _bound.Concat(_loops);

    public bool Contains(string name) => _bound.Contains(name) || _loops.Contains(name);

    public void EnterLoop(string name) => _loops.Add(name);

    public void LeaveLoop() => _loops.RemoveAt(_loops.Count - 1);

    /// <summary>Gives the name a value for the rest of the template.</summary>
    public void Bind(ScriptExpression? target)
    {
        Check(target);
        if (Name(target) is ScriptVariable { Name: var name })
        {
            _bound.Add(name);
        }
    }

    /// <summary>Scriban puts names that are keywords of its language, such as <c>end</c>, into parentheses.</summary>
    private static ScriptExpression? Name(ScriptExpression? target) => target is ScriptNestedExpression nested ? nested.Expression : target;

    /// <summary>Refuses what cannot be a name.</summary>
    public void Check(ScriptExpression? target)
    {
        target = Name(target);
        if (target is not ScriptVariableGlobal { Name: var name })
        {
            refuse(target, "Write a single name here.");
        }
        else if (name is "true" or "false" or "for" or "forloop" || LiquidContext.IsWord(name))
        {
            refuse(target, $"“{name}” is a reserved word. Choose another name.");
        }
    }
}
