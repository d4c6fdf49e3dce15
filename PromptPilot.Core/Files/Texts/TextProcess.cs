using System.Collections.Frozen;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace PromptPilot.Core.Files.Texts;

/// <summary>How to start this program again, with <see cref="TextProgram.Verb"/> as its argument.</summary>
public sealed record TextProgramPath(string FileName, IReadOnlyList<string> Arguments)
{
    private const string Name = "PromptPilot.Web";

    /// <summary>Beside the libraries, because tests host the portal in a program of their own.</summary>
    internal static TextProgramPath Find()
    {
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? Name + ".exe" : Name);
        // A runtime that started this program can start it again; the program alone may not find it.
        var runtime = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        return File.Exists(program) && runtime == "dotnet"
            ? new TextProgramPath(program, [])
            : new TextProgramPath(runtime, [Path.Combine(AppContext.BaseDirectory, Name + ".dll")]);
    }
}

/// <summary>
/// Reads a document in a child process, one at a time: with a bounded heap and bounded time, without this process's environment, which
/// holds secrets, and killed with all that it started.
/// </summary>
public sealed class TextProcess(TextProgramPath program, ILogger<TextProcess> log) : IDisposable
{
    /// <summary>CPU time of a document: on a busy host, waiting for a core is not the document's fault.</summary>
    internal static readonly TimeSpan MostWork = TimeSpan.FromSeconds(20);

    /// <summary>However little it computes.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Hexadecimal, as the runtime reads it: 256 MB.</summary>
    private const string HeapLimit = "10000000";

    /// <summary>Documents that may wait for their turn.</summary>
    private const int MostWaiting = 8;

    /// <summary>What the runtime needs to be found and to start.</summary>
    private static readonly FrozenSet<string> Kept = new[]
    {
        "DOTNET_ROOT",
        "DOTNET_ROOT_X64",
        "DOTNET_ROOT_ARM64",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT",
        "HOME",
        "LD_LIBRARY_PATH",
        "PATH",
        "SystemRoot",
        "TEMP",
        "TMP",
        "TMPDIR",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly SemaphoreSlim _turn = new(1);
    private int _waiting;

    public void Dispose() => _turn.Dispose();

    internal async Task<ExtractedText> ReadAsync(
        ReadOnlyMemory<byte> content,
        string mediaType,
        FilesOptions limits,
        CancellationToken cancellationToken
    )
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return new ExtractedText(mediaType, Error: TextError.Busy);
        }

        try
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                return await RunAsync(content, mediaType, limits, cancellationToken);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<ExtractedText> RunAsync(
        ReadOnlyMemory<byte> content,
        string mediaType,
        FilesOptions limits,
        CancellationToken cancellationToken
    )
    {
        using var child = Create(mediaType, limits);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        child.Start();
        var watch = WatchAsync(child, limit);
        try
        {
            var errors = DrainAsync(child.StandardError.BaseStream, limit.Token);
            var answer = ReadBoundedAsync(child.StandardOutput.BaseStream, MostBytes(limits), limit.Token);
            await WriteAsync(child, content, limit.Token);
            var output = await answer;
            await errors;
            await child.WaitForExitAsync(limit.Token);
            return TextProgram.ReadAnswer(mediaType, output, child.ExitCode);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning("A document ({Type}, {Bytes} bytes) took too long to read", mediaType, content.Length);
            return new ExtractedText(mediaType, Error: TextError.TooSlow);
        }
        finally
        {
            Kill(child);
            await limit.CancelAsync();
            await watch;
        }
    }

    /// <summary>Ends the reading when the child has computed long enough.</summary>
    private static async Task WatchAsync(Process child, CancellationTokenSource limit)
    {
        try
        {
            while (!child.HasExited)
            {
                if (child.TotalProcessorTime > MostWork)
                {
                    await limit.CancelAsync();
                }

                await Task.Delay(LookEvery, limit.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException or Win32Exception)
        {
            // It has ended, or is about to.
        }
    }

    private Process Create(string mediaType, FilesOptions limits)
    {
        var start = new ProcessStartInfo(program.FileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (
            var argument in program.Arguments.Concat([
                TextProgram.Verb,
                mediaType,
                limits.MaxPages.ToString(CultureInfo.InvariantCulture),
                limits.MaxTextLength.ToString(CultureInfo.InvariantCulture),
            ])
        )
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(name => !Kept.Contains(name)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return new Process { StartInfo = start };
    }

    /// <summary>A character has up to three bytes in UTF-8; the first line says how it went.</summary>
    private static int MostBytes(FilesOptions limits) => (limits.MaxTextLength * 3) + 100;

    private static async Task WriteAsync(Process child, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            await child.StandardInput.BaseStream.WriteAsync(content, cancellationToken);
            child.StandardInput.Close();
        }
        catch (IOException)
        {
            // The child has seen enough, or is gone: its answer or exit code says which.
        }
    }

    /// <summary>Null when there is more than is allowed.</summary>
    private static async Task<string?> ReadBoundedAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (memory.Length + count > most)
            {
                return null;
            }

            memory.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(memory.GetBuffer(), 0, (int)memory.Length);
    }

    private static async Task DrainAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellationToken) > 0) { }
    }

    private static void Kill(Process child)
    {
        try
        {
            child.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }
    }
}
