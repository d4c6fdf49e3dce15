using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Files;

/// <summary>The two kinds of files that a variable or an input takes.</summary>
public enum FileKind
{
    Picture,
    Document,
}

/// <summary>
/// The value of an input or variable that is a file, wherever values are kept: <c>{"file":"…","name":"scan.png","type":"image/png",
/// "size":12345}</c>. The content is in the <see cref="FileStore"/>.
/// </summary>
/// <param name="File">SHA-256 of the content, in 64 lower-case hexadecimal digits.</param>
/// <param name="Name">The file's name as it was sent, without a path.</param>
/// <param name="Type">Media type, e.g. <c>application/pdf</c>.</param>
/// <param name="Size">In bytes.</param>
public sealed record FileReference(string File, string Name, string Type, long Size)
{
    /// <summary>Characters of a name.</summary>
    public const int MaxName = 200;

    private const int HashLength = 64;

    [JsonIgnore]
    public FileKind Kind => MediaTypes.KindOf(Type);

    /// <summary>A value as a reference; null when it is anything else.</summary>
    public static FileReference? Read(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && IdOf(value) is { } file
        && value.TryGetProperty("type", out var type)
        && type.ValueKind == JsonValueKind.String
        && MediaTypes.IsKnown(type.GetString()!)
            ? new FileReference(
                file,
                value.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                    ? CleanName(name.GetString(), type.GetString()!)
                    : CleanName(null, type.GetString()!),
                type.GetString()!,
                value.TryGetProperty("size", out var size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out var bytes)
                    ? bytes
                    : 0
            )
            : null;

    /// <summary>The hash that an object names, whatever else it has; null when it names none.</summary>
    internal static string? IdOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty("file", out var file)
        && file.ValueKind == JsonValueKind.String
        && file.GetString() is { } hash
        && IsHash(hash)
            ? hash
            : null;

    public static bool IsHash(string text) => text.Length == HashLength && text.All(char.IsAsciiHexDigitLower);

    /// <summary>The files among values, by hash. Only values that are references themselves, not those inside of others.</summary>
    internal static Dictionary<string, FileReference> In(IEnumerable<JsonElement> values)
    {
        Dictionary<string, FileReference>? found = null;
        foreach (var value in values)
        {
            if (value.ValueKind == JsonValueKind.Object && Read(value) is { } reference)
            {
                (found ??= [])[reference.File] = reference;
            }
        }

        return found ?? None;
    }

    /// <summary>Also those that are members of an object, such as the inputs of a test case. Only one level deep.</summary>
    internal static Dictionary<string, FileReference> InMembers(IReadOnlyCollection<JsonElement> values) =>
        In(values.Concat(values.Where(value => value.ValueKind == JsonValueKind.Object).SelectMany(Members)));

    private static IEnumerable<JsonElement> Members(JsonElement value) => value.EnumerateObject().Select(member => member.Value);

    public JsonElement ToJson() =>
        JsonSerializer.SerializeToElement(
            new
            {
                file = File,
                name = Name,
                type = Type,
                size = Size,
            },
            AppJson.Options
        );

    /// <summary>A name without path and control characters; one of the type when there is none.</summary>
    public static string CleanName(string? name, string type)
    {
        var last = (name ?? "").Split('/', '\\')[^1];
        var clean = Unicode.WellFormed(string.Concat(last.Where(character => !char.IsControl(character)))).Trim();
        return clean.Length == 0 ? "file" + MediaTypes.ExtensionOf(type) : Shorten.Cut(clean, MaxName);
    }

    private static readonly Dictionary<string, FileReference> None = [];
}
