using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;
using PromptPilot.Core.Storage;

namespace PromptPilot.Web.Hosting.Start;

/// <summary>Exit codes of a failed start. Scripts and service managers read them: never renumber.</summary>
internal enum ExitCode
{
    Failed = 1,
    Settings = 2,
    DataDirectory = 3,
    Database = 4,
    KeyRing = 5,
    Address = 6,
}

/// <summary>The reason why the portal cannot start, as text. Anything else is a bug and keeps its stack trace.</summary>
internal sealed partial record StartFailure(ExitCode Code, string Text)
{
    /// <summary>The settings binder's message about a value that it cannot read, in any section.</summary>
    [GeneratedRegex("^Failed to convert configuration value '(?<value>.*)' at '(?<key>.*)' to type '(?<type>.*)'")]
    private static partial Regex UnreadableValue { get; }

    private const string Elsewhere = "choose another address: Urls in appsettings.json, or --urls http://localhost:5081";

    private const string Certificate =
        "Set a certificate (Kestrel:Certificates:Default:Path and :Password), or listen on http behind a reverse proxy that "
        + "has one: --urls http://localhost:5080";

    /// <summary>Whether there is no space left, on Unix or Windows.</summary>
    public static bool IsDiskFull(Exception exception) => exception is IOException && (exception.HResult & 0xFFFF) is 28 or 112;

    /// <summary>Writes it to standard error.</summary>
    /// <returns>The exit code.</returns>
    public int Report()
    {
        Console.Error.WriteLine(Text);
        return (int)Code;
    }

    /// <summary>The failure behind an exception at start; null if it is not one that the operator can fix.</summary>
    /// <param name="database">Path of the database; null before settings are read.</param>
    /// <param name="addresses">The configured addresses.</param>
    public static StartFailure? Of(Exception exception, string? database = null, string? addresses = null) =>
        exception switch
        {
            WrongSettingsException wrong => OfSettings(wrong.Errors),
            InvalidOperationException when UnreadableValue.Match(exception.Message) is { Success: true } value => OfSettings([
                $"{value.Groups["key"]} is “{value.Groups["value"]}”, which is not {TypeWord(value.Groups["type"].Value)}.",
            ]),
            InvalidDataException { InnerException: { } inner } => new(
                ExitCode.Settings,
                $"{exception.Message.TrimEnd('.')}: {FirstLine(inner.GetBaseException())} Correct the file, or restore the one "
                    + "that was shipped."
            ),
            FileNotFoundException { Message: var message } when message.Contains("appsettings.json", StringComparison.Ordinal) => new(
                ExitCode.Settings,
                $"{Path.Combine(AppContext.BaseDirectory, "appsettings.json")} is missing. Restore the file that was shipped."
            ),
            DirectoryNotFoundException when exception.StackTrace?.Contains("CreateHostingEnvironment", StringComparison.Ordinal) == true =>
                OfSettings([
                    $"contentRoot is “{exception.Message}”, which does not exist. Unset ASPNETCORE_CONTENTROOT and --contentRoot.",
                ]),
            SqliteException fault when database is not null => OfDatabase(fault, database),
            { InnerException: SqliteException fault } when database is not null => OfDatabase(fault, database),
            _ => OfAddress(exception, addresses),
        };

    /// <summary>Everything that is wrong with the settings.</summary>
    /// <param name="errors">One sentence each, beginning with the key.</param>
    public static StartFailure OfSettings(IEnumerable<string> errors) =>
        new(
            ExitCode.Settings,
            string.Join(Environment.NewLine, ["PromptPilot cannot start with these settings:", .. errors.Select(error => $"  - {error}")])
        );

    private static string TypeWord(string type) =>
        type switch
        {
            "System.Boolean" => "true or false",
            "System.Int32" or "System.Int64" => "a whole number",
            _ => "a " + type[(type.LastIndexOf('.') + 1)..],
        };

    private static StartFailure OfDatabase(SqliteException fault, string database) =>
        new(
            ExitCode.Database,
            fault.SqliteErrorCode switch
            {
                SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB => DatabaseCheck.Damaged(database, fault.Message),
                SQLitePCL.raw.SQLITE_FULL => $"The disk that holds {database} is full. Free up space and start again.",
                SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_PERM or SQLitePCL.raw.SQLITE_CANTOPEN =>
                    $"The database {database} cannot be opened for writing ({fault.Message.TrimEnd('.')}). Make the file and "
                        + "its directory writable for this account.",
                SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED =>
                    $"The database {database} is locked by another program. Stop that program and start again.",
                _ => $"The database {database} cannot be used ({fault.Message.TrimEnd('.')}). Check the disk and its free space.",
            }
        );

    private static StartFailure? OfAddress(Exception exception, string? addresses)
    {
        var socket = exception as SocketException ?? exception.InnerException as SocketException;
        var text = FirstLine(exception);
        return exception switch
        {
            IOException { InnerException: AddressInUseException } => Address(
                $"{text} Stop the program that uses this address, or {Elsewhere}"
            ),
            _ when socket?.SocketErrorCode == SocketError.AccessDenied => Address(
                $"This account is not allowed to listen on {addresses} ({text}) Ports below 1024 require a privilege. Grant "
                    + $"it, or {Elsewhere}"
            ),
            _ when socket?.SocketErrorCode == SocketError.AddressNotAvailable => Address(
                $"This machine has no address for {addresses} ({text}) Use one of its addresses, or {Elsewhere}"
            ),
            InvalidOperationException when IsOfKestrel(exception) => Address($"{addresses}: {text} {Certificate}"),
            CryptographicException or FileNotFoundException or DirectoryNotFoundException when IsOfKestrel(exception) => Address(
                $"The https certificate cannot be read: {text} {Certificate}"
            ),
            IOException or SocketException or FormatException when IsOfKestrel(exception) => Address($"{addresses}: {text} Or {Elsewhere}"),
            _ => null,
        };
    }

    private static StartFailure Address(string text) => new(ExitCode.Address, text);

    private static bool IsOfKestrel(Exception exception) =>
        exception.StackTrace?.Contains("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true;

    private static string FirstLine(Exception exception)
    {
        var line = exception.Message.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.', ' ');
        return $"{line}.";
    }
}
