using System.Net.Sockets;
using System.Security.Authentication;
using PromptPilot.Core.Data;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// Distinguishes faults outside the portal (disk, database, network, providers, mail servers) from its own bugs. Only bugs are worth a
/// stack trace.
/// </summary>
internal static class OperationalFault
{
    /// <returns>The cause in one line; null when it may be a bug.</returns>
    public static string? FindCause(Exception exception) => DatabaseFault.FindCause(exception) ?? FindOther(exception);

    private static string? FindOther(Exception? exception) =>
        exception switch
        {
            null => null,
            IOException when StartFailure.IsDiskFull(exception) => "the disk is full",
            IOException
            or SocketException
            or HttpRequestException
            or UnauthorizedAccessException
            or TimeoutException
            or AuthenticationException => FirstLine(exception),
            _ when exception.GetType().Namespace?.StartsWith("MailKit", StringComparison.Ordinal) == true => FirstLine(exception),
            AggregateException { InnerExceptions: [var first, ..] } => FindOther(first),
            _ => FindOther(exception.InnerException),
        };

    private static string FirstLine(Exception exception) => exception.Message.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.', ' ');
}
