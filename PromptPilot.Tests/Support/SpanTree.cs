using Google.Protobuf;
using OpenTelemetry.Proto.Trace.V1;

namespace PromptPilot.Tests.Support;

/// <summary>The spans of one trace, as an indented text with one line for each span.</summary>
internal static class SpanTree
{
    public static string Of(IReadOnlyList<Span> spans, string traceId)
    {
        var ours = spans.Where(span => Hex(span.TraceId) == traceId).ToList();
        var roots = ours.Where(span => ours.TrueForAll(other => other.SpanId != span.ParentSpanId));
        return string.Join('\n', roots.OrderBy(span => span.StartTimeUnixNano).SelectMany(root => Lines(ours, root, 0)));
    }

    public static string Hex(ByteString id) => Convert.ToHexStringLower(id.Span);

    public static string? Tag(this Span span, string name)
    {
        var value = span.Attributes.SingleOrDefault(tag => tag.Key == name)?.Value;
        return value is null ? null
            : value.HasIntValue ? $"{value.IntValue}"
            : value.HasStringValue ? value.StringValue
            : value.ToString();
    }

    private static IEnumerable<string> Lines(List<Span> spans, Span span, int depth) =>
        spans
            .Where(child => child.ParentSpanId == span.SpanId)
            .OrderBy(child => child.StartTimeUnixNano)
            .SelectMany(child => Lines(spans, child, depth + 1))
            .Prepend($"{new string(' ', depth * 2)}{span.Kind} {span.Name}");
}
