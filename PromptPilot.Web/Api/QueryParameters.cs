using System.Reflection;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Api;

/// <summary>
/// Refuses query parameters that a route does not have, because a misspelled filter would return everything, limits out of range, and
/// texts that nothing stored can match.
/// </summary>
internal static class QueryParameters
{
    private const string Limit = "limit";

    public static EndpointFilterDelegate Check(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        var known = context.MethodInfo.GetParameters().SelectMany(Names).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return call => Find(call.HttpContext.Request.Query, known) is { } problem ? new(ApiResults.From(problem)) : next(call);
    }

    private static Problem? Find(IQueryCollection query, HashSet<string> known)
    {
        if (query.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            var suggestion = Spelling.DidYouMean(unknown, known);
            return Problem.AtField(
                unknown,
                $"Unknown query parameter.{(suggestion.Length > 0 ? suggestion : " Remove it, or check its spelling.")}"
            );
        }

        foreach (var (name, values) in query)
        {
            if (values.Select(value => Unicode.Fault(value)).FirstOrDefault(fault => fault is not null) is { } fault)
            {
                return Problem.AtField(name, fault);
            }
        }

        return int.TryParse(query[Limit], out var limit) && limit is not (>= 1 and <= PageRequest.MaxLimit)
            ? Problem.AtField(Limit, $"The limit must be from 1 to {PageRequest.MaxLimit}.")
            : null;
    }

    /// <summary>The names in the query of a handler's parameter; those in the path are among them.</summary>
    private static IEnumerable<string> Names(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<AsParametersAttribute>() is not null
            ? parameter.ParameterType.GetConstructors().Single().GetParameters().SelectMany(Names)
        : IsText(parameter.ParameterType) ? [parameter.Name!]
        : [];

    /// <summary>Whether a value of the type is read from a text: services and bodies are not.</summary>
    private static bool IsText(Type type)
    {
        type = type.IsArray ? type.GetElementType()! : Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) || type.IsPrimitive || type.IsEnum || type == typeof(DateTimeOffset);
    }
}
