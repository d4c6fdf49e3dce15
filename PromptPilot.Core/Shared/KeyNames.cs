using System.Text.RegularExpressions;

namespace PromptPilot.Core.Shared;

/// <summary>
/// Names of variables, inputs and output keys: <c>[a-z_][a-z0-9_]*</c>, up to 64 characters, and no word that Liquid or the run context
/// uses.
/// </summary>
public static partial class KeyNames
{
    public const int MaxLength = 64;

    private static readonly HashSet<string> Reserved =
    [
        "trigger",
        "run",
        "item",
        "index",
        "true",
        "false",
        "nil",
        "null",
        "empty",
        "blank",
        "and",
        "or",
        "not",
        "contains",
        "in",
        "with",
        "if",
        "elsif",
        "else",
        "endif",
        "unless",
        "endunless",
        "case",
        "when",
        "endcase",
        "for",
        "endfor",
        "break",
        "continue",
        "cycle",
        "tablerow",
        "endtablerow",
        "assign",
        "capture",
        "endcapture",
        "increment",
        "decrement",
        "comment",
        "endcomment",
        "raw",
        "endraw",
        "include",
        "render",
        "liquid",
        "echo",
        "forloop",
        "tablerowloop",
        "this",
        "func",
        "do",
    ];

    /// <summary>The error in a name, or null when it may be used.</summary>
    /// <param name="name">The name as typed.</param>
    /// <param name="isFilter">True when a word is the name of a template filter, which would be shadowed.</param>
    public static string? Problem(string name, Func<string, bool> isFilter) =>
        name switch
        {
            "" => "Enter a name.",
            _ when name.Length > MaxLength => $"A name can have at most {MaxLength} characters.",
            _ when !Pattern().IsMatch(name) =>
                $"“{name}” is not a valid name. Use lowercase letters, digits and underscores, and start with a letter or underscore.",
            _ when Reserved.Contains(name) => $"“{name}” is a reserved word. Choose another name.",
            _ when isFilter(name) => $"“{name}” is the name of a template filter. Choose another name.",
            _ => null,
        };

    [GeneratedRegex("^[a-z_][a-z0-9_]*$")]
    private static partial Regex Pattern();
}
