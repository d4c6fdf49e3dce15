using System.Text;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>What kind of rule a value breaks, where the choice of the meant alternative needs it.</summary>
internal enum SchemaErrorKind
{
    Other,

    /// <summary>The value has another type.</summary>
    Type,

    /// <summary>The value is none of the allowed ones.</summary>
    Choice,
}

/// <summary>The place of a value in an answer. Its text is made only for an error.</summary>
internal sealed partial class ValuePlace(ValuePlace? parent, string? name, int index = 0)
{
    public ValuePlace? Parent => parent;

    [GeneratedRegex(@"\A[\p{L}_$][\p{L}\p{N}_$-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain { get; }

    /// <summary>As people write it, e.g. <c>items[2].price</c>; the answer itself is <c>it</c>.</summary>
    public override string ToString()
    {
        var parts = new Stack<ValuePlace>();
        for (var at = this; at.Parent is not null; at = at.Parent)
        {
            parts.Push(at);
        }

        var text = new StringBuilder();
        foreach (var part in parts)
        {
            part.Append(text);
        }

        return text.Length == 0 ? "it" : text.ToString();
    }

    private void Append(StringBuilder text)
    {
        if (name is null)
        {
            text.Append('[').Append(index).Append(']');
        }
        else if (Plain.IsMatch(name))
        {
            text.Append(text.Length > 0 ? "." : "").Append(name);
        }
        else
        {
            text.Append("[“").Append(name).Append("”]");
        }
    }
}

/// <summary>A value that breaks a rule.</summary>
/// <param name="Words">The rest of the sentence after the place, e.g. <c>must be a number</c>.</param>
internal sealed record SchemaError(ValuePlace Place, string Words, SchemaErrorKind Kind = SchemaErrorKind.Other)
{
    public override string ToString() => $"{Place} {Words}";
}
