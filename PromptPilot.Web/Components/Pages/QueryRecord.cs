using System.Reflection;
using Microsoft.AspNetCore.WebUtilities;

namespace PromptPilot.Web.Components.Pages;

/// <summary>
/// Binds a filter to the query string: a record whose constructor takes texts, each under its name in camelCase. Empty texts are null and
/// not written.
/// </summary>
internal static class QueryRecord<TFilter>
    where TFilter : class
{
    private static readonly ConstructorInfo Constructor = typeof(TFilter).GetConstructors().Single();

    private static readonly (string Name, PropertyInfo Property)[] Values =
    [
        .. Constructor.GetParameters().Select(parameter => (Name(parameter.Name!), typeof(TFilter).GetProperty(parameter.Name!)!)),
    ];

    /// <summary>The filter in an address; unknown parameters are ignored.</summary>
    public static TFilter Read(string address)
    {
        var query = QueryHelpers.ParseQuery(new Uri(address).Query);
        return (TFilter)
            Constructor.Invoke([.. Values.Select(value => Text(query.TryGetValue(value.Name, out var given) ? given.ToString() : null))]);
    }

    /// <summary>A path with the filter as its query string.</summary>
    public static string Write(string path, TFilter filter) => QueryHelpers.AddQueryString(path, Texts(filter));

    /// <summary>The values that filter something, by their names in the address.</summary>
    public static Dictionary<string, string?> Texts(TFilter filter) =>
        Values
            .Select(value => (value.Name, Text: Text((string?)value.Property.GetValue(filter))))
            .Where(value => value.Text is not null)
            .ToDictionary(value => value.Name, value => value.Text);

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Name(string parameter) => char.ToLowerInvariant(parameter[0]) + parameter[1..];
}
