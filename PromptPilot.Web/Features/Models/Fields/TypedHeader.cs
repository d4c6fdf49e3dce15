namespace PromptPilot.Web.Features.Models.Fields;

/// <summary>An extra header in the form of a profile.</summary>
public sealed class TypedHeader
{
    public string Name { get; set; } = "";

    /// <summary>Empty keeps the stored value.</summary>
    public string Value { get; set; } = "";

    /// <summary>Whether a value is stored under this name.</summary>
    public bool IsStored { get; init; }

    /// <summary>By name; null keeps the stored value. Rows without a name are left out.</summary>
    public static Dictionary<string, string?> ToContent(IEnumerable<TypedHeader> rows)
    {
        var headers = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var row in rows.Where(row => row.Name.Trim().Length > 0))
        {
            headers[row.Name.Trim()] = row is { IsStored: true, Value.Length: 0 } ? null : row.Value;
        }

        return headers;
    }
}
