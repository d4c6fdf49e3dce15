using System.IO.Compression;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Exchange;

/// <summary>A file as it came.</summary>
/// <param name="Path">Its name, inside an archive with folders. For people only: nothing is ever written to it.</param>
public sealed record ImportFile(string Path, byte[] Content);

/// <summary>A file of an import, unpacked, or why it is not taken.</summary>
internal sealed record UnpackedFile(string Path, byte[] Content, string? Refused = null, string? Ignored = null);

/// <summary>Packs an export, and unpacks an import within bounds.</summary>
internal static class ExchangeArchive
{
    /// <summary>The earliest time that an archive can carry: with the clock in it, no two exports would be equal.</summary>
    private static readonly DateTimeOffset Always = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Endings of files that are read, besides that of prompts.</summary>
    private static readonly string[] Others = [".yaml", ".yml", ".json", ".prompty", ".txt", ".csv"];

    public static byte[] Pack(IEnumerable<(string Path, string Text)> files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                var entry = archive.CreateEntry(path, CompressionLevel.Optimal);
                entry.LastWriteTime = Always;
                using var stream = entry.Open();
                stream.Write(ExchangeText.Bytes(text));
            }
        }

        return memory.ToArray();
    }

    /// <summary>All files, those of archives one by one.</summary>
    /// <returns>The files, or why none of them is looked at.</returns>
    public static Result<IReadOnlyList<UnpackedFile>> Unpack(IReadOnlyList<ImportFile> files)
    {
        if (files.Count == 0)
        {
            return Problem.Invalid("No file was sent. Send a .zip, .md or .yaml file.");
        }

        if (files.Sum(file => (long)file.Content.Length) > ExchangeLimits.Upload)
        {
            return new Problem(
                ProblemKind.TooLarge,
                $"An import can be at most {ExchangeLimits.Megabytes(ExchangeLimits.Upload)}. Import the folder in parts.",
                []
            );
        }

        var unpacked = new List<UnpackedFile>();
        var left = ExchangeLimits.Total;
        foreach (var file in files)
        {
            if (IsArchive(file))
            {
                if (UnpackInto(unpacked, file, ref left) is { } problem)
                {
                    return problem;
                }
            }
            else
            {
                left -= file.Content.Length;
                unpacked.Add(Judged(file.Path, file.Content));
            }

            if (unpacked.Count > ExchangeLimits.Files)
            {
                return TooMany();
            }
        }

        return unpacked;
    }

    private static bool IsArchive(ImportFile file) =>
        file.Path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)
        || file.Content is [0x50, 0x4B, 0x03, 0x04, ..] or [0x50, 0x4B, 0x05, 0x06, ..];

    private static Problem? UnpackInto(List<UnpackedFile> unpacked, ImportFile file, ref int left)
    {
        try
        {
            using var archive = new ZipArchive(new MemoryStream(file.Content, writable: false), ZipArchiveMode.Read);
            if (archive.Entries.Count + unpacked.Count > ExchangeLimits.Files)
            {
                return TooMany();
            }

            var paths = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var entry in archive.Entries.Where(entry => !entry.FullName.EndsWith('/')))
            {
                if (PathProblem(entry.FullName) is { } wrong)
                {
                    unpacked.Add(new UnpackedFile(YamlReader.Short(entry.FullName), [], wrong));
                    continue;
                }

                if (!paths.Add(entry.FullName))
                {
                    unpacked.Add(
                        new UnpackedFile(
                            entry.FullName,
                            [],
                            "The archive contains this path twice, possibly in different letter case. Keep one of them."
                        )
                    );
                    continue;
                }

                var judged = Judged(entry.FullName, []);
                var content =
                    judged.Refused is null && judged.Ignored is null ? ReadBounded(entry, Math.Min(left, ExchangeLimits.File)) : [];
                if (content is null && left <= ExchangeLimits.File)
                {
                    return new Problem(
                        ProblemKind.TooLarge,
                        $"The unpacked archive is larger than {ExchangeLimits.Megabytes(ExchangeLimits.Total)}. Import it in parts.",
                        []
                    );
                }

                left -= content?.Length ?? ExchangeLimits.File;
                unpacked.Add(content is null ? judged with { Refused = TooLarge } : judged with { Content = content });
            }

            return null;
        }
        catch (Exception error)
            when (error is InvalidDataException or NotSupportedException or EndOfStreamException or IOException or ArgumentException)
        {
            return Problem.Invalid(
                $"“{YamlReader.Short(file.Path)}” is damaged or not a readable archive. Use a plain .zip file without a password."
            );
        }
    }

    private static string TooLarge => $"A file can be at most {ExchangeLimits.Megabytes(ExchangeLimits.File)}.";

    /// <summary>The actual content; the sizes that an archive states may be wrong.</summary>
    private static byte[]? ReadBounded(ZipArchiveEntry entry, int most)
    {
        using var stream = entry.Open();
        using var memory = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (var read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            if (memory.Length + read > most)
            {
                return null;
            }

            memory.Write(buffer, 0, read);
        }

        return memory.ToArray();
    }

    private static UnpackedFile Judged(string path, byte[] content)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var isOfSystem =
            path.StartsWith("__MACOSX/", StringComparison.Ordinal)
            || name.StartsWith('.')
            || path.Contains("/.", StringComparison.Ordinal)
            || path.StartsWith('.');
        return name switch
        {
            _ when isOfSystem => new UnpackedFile(path, [], Ignored: "Hidden files are not imported."),
            _ when name.Equals("README.md", StringComparison.OrdinalIgnoreCase) => new UnpackedFile(
                path,
                [],
                Ignored: "READMEs are not imported."
            ),
            _ when !IsKnown(name) => new UnpackedFile(path, [], "Only .md, .txt, .prompty, .yaml, .json and .csv files are imported."),
            _ when content.Length > ExchangeLimits.File => new UnpackedFile(path, [], TooLarge),
            _ => new UnpackedFile(path, content),
        };
    }

    private static bool IsKnown(string name) =>
        IsPrompt(name) || Array.Exists(Others, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    public static bool IsPrompt(string path) => path.EndsWith(".md", StringComparison.OrdinalIgnoreCase);

    private static string? PathProblem(string path) =>
        path switch
        {
            _ when path.Length > ExchangeLimits.Path => $"A path can have at most {ExchangeLimits.Path} characters.",
            _ when path.StartsWith('/')
                    || path.Contains('\\', StringComparison.Ordinal)
                    || path.Contains(':', StringComparison.Ordinal)
                    || path.Split('/').Contains("..") => "The path points outside the archive. Zip the folder itself.",
            _ when path.Any(char.IsControl) => "The path contains a character that cannot be displayed.",
            _ => null,
        };

    private static Problem TooMany() =>
        new(ProblemKind.TooLarge, $"An import can be at most {ExchangeLimits.Files:N0} files. Import the folder in parts.", []);
}
