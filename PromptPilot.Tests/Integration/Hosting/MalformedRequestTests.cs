using System.Net;
using System.Net.Sockets;
using System.Text;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>
/// What no client library sends, byte by byte over a socket. The server refuses some of it before the portal sees it; nothing is a fault.
/// </summary>
public sealed class MalformedRequestTests(EntranceTests.World world) : IClassFixture<EntranceTests.World>
{
    private const string Key = $"Authorization: Bearer {PortalHost.AdminKey}\r\n";
    private const string Json = "Content-Type: application/json\r\n";
    private const string Form = "Content-Type: application/x-www-form-urlencoded\r\n";

    /// <summary>A request, the status that answers it, and a part of what the answer says.</summary>
    public static TheoryData<string, string, int, string> Requests =>
        new()
        {
            { "broken JSON", Post("/api/v1/prompts", Key + Json, "{\"name\":"), 400, "line 1" },
            { "broken JSON, bound", Post("/api/v1/users", Key + Json, "{\"name\":"), 400, "line 1" },
            { "no body, bound", Post("/api/v1/users", Key + Json, ""), 400, "body is missing" },
            { "a text for an object", Post("/api/v1/prompts", Key + Json, "\"x\""), 400, "JSON" },
            { "a list for an object", Post("/api/v1/prompts", Key + Json, "[]"), 400, "must be a JSON object" },
            { "an object for a list", Post("/api/v1/workflows", Key + Json, "{\"steps\":{}}"), 400, "must be a list" },
            { "an unknown field", Post("/api/v1/prompts", Key + Json, "{\"xyz\":1}"), 400, "Remove it, or check its spelling" },
            { "a test set without its prompt", Post("/api/v1/test-sets", Key + Json, "{}"), 400, "promptId" },
            { "an experiment without its test set", Post("/api/v1/experiments", Key + Json, "{}"), 400, "testSetId" },
            { "a winner without its step", Post("/api/v1/workflows/x/arms/promote", Key + Json, "{}"), 400, "stepId" },
            { "JSON null", Post("/api/v1/prompts", Key + Json, "null"), 400, "empty" },
            { "bad UTF-8", Post("/api/v1/prompts", Key + Json, "{\"name\":\"\u00ff\u00fe\"}"), 400, "name" },
            { "with a BOM", Post("/api/v1/prompts", Key + Json, "\u00ef\u00bb\u00bf{\"name\":\"BOM\",\"content\":\"x\"}"), 201, "BOM" },
            { "of another charset", Post("/api/v1/users", Key + "Content-Type: application/json; charset=utf-16\r\n", "{}"), 415, "UTF-8" },
            { "of no charset", Post("/api/v1/users", Key + "Content-Type: application/json; charset=nonsense\r\n", "{}"), 415, "UTF-8" },
            {
                "compressed",
                Post("/api/v1/prompts", Key + Json + "Content-Encoding: gzip\r\n", "\u001f\u008b\u0008"),
                415,
                "Content-Encoding"
            },
            { "compressed, hook", Post("/hooks/x", Json + "Content-Encoding: gzip\r\n", "\u001f\u008b\u0008"), 415, "Content-Encoding" },
            { "no type", Post("/api/v1/workflows/x/runs", Key, "{}"), 415, "Content-Type: application/json" },
            { "a text", Post("/api/v1/prompts", Key + "Content-Type: text/plain\r\n", "x"), 415, "application/json" },
            { "JSON of no tool to import", Post("/api/v1/import", Key + Json, "{}"), 400, "format of this file is unknown" },
            { "a page to import", Post("/api/v1/import", Key + "Content-Type: text/html\r\n", "x"), 415, "multipart/form-data" },
            { "nothing named to import", Post("/api/v1/import", Key, "{}"), 415, "multipart/form-data" },
            {
                "broken multipart to import",
                Post("/api/v1/import", Key + "Content-Type: multipart/form-data; boundary=x\r\n", "zz"),
                400,
                "form"
            },
            { "no method of the API", Get("PATCH", "/api/v1/prompts", Key), 405, "Allow: GET" },
            { "no method of a hook", Get("GET", "/hooks/x"), 405, "Allow: POST" },
            { "a method of no page", Get("DELETE", "/"), 405, "Allow:" },
            { "huge headers", Get("GET", "/api/v1/prompts", Key + $"X-A: {new string('a', 40_000)}\r\n"), 431, "" },
            { "a long address", Get("GET", $"/api/v1/prompts?q={new string('a', 9000)}", Key), 414, "" },
            { "bad percent signs", Get("GET", "/api/v1/prompts?limit=%zz&after=%", Key), 400, "whole number" },
            { "bad percent signs in the path", Get("GET", "/api/v1/prompts/%zz%", Key), 404, "no such prompt" },
            { "NUL in the path", Get("GET", "/api/v1/prompts/%00", Key), 400, "" },
            { "NUL in a page", Get("GET", "/prompts/%00"), 400, "" },
            { "NUL in the query", Get("GET", "/api/v1/prompts?text=%00", Key), 400, "U+0000" },
            { "a key twice", Get("GET", "/api/v1/prompts?limit=1&limit=2", Key), 400, "limit" },
            { "a negative limit", Get("GET", "/api/v1/prompts?limit=-1", Key), 400, "from 1 to 200" },
            { "a huge limit", Get("GET", "/api/v1/prompts?limit=99999999999999", Key), 400, "whole number" },
            { "a word for a limit", Get("GET", "/api/v1/runs?limit=abc", Key), 400, "whole number" },
            { "a word for a time", Get("GET", "/api/v1/runs?from=yesterday", Key), 400, "2026-01-31" },
            { "a word for yes", Get("GET", "/api/v1/runs?pinned=perhaps", Key), 400, "true or false" },
            { "a cursor of nothing", Get("GET", "/api/v1/prompts?after=%F0%28%8C", Key), 400, "cursor" },
            { "a cursor of another list", Get("GET", "/api/v1/runs?after=xx", Key), 400, "cursor" },
            {
                "a long Idempotency-Key",
                Post("/api/v1/workflows/x/runs", Key + Json + $"Idempotency-Key: {new string('k', 300)}\r\n", "{}"),
                400,
                "255"
            },
            {
                "a control character in it",
                Post("/api/v1/workflows/x/runs", Key + Json + "Idempotency-Key: a\u0001b\r\n", "{}"),
                400,
                "control"
            },
            { "If-Match of nothing", Get("DELETE", "/api/v1/prompts/x", Key + "If-Match: W/\"abc\", *\r\n"), 400, "ETag" },
            { "Accept of nothing", Get("GET", "/api/v1/prompts", Key + "Accept: ;;;q=2,,/\r\n"), 200, "items" },
            { "Accept of nothing, hook", Post("/hooks/x", Json + "Accept: ;;;q=2\r\n", "{}"), 404, "webhook" },
            { "two keys", Get("GET", "/api/v1/prompts", Key + Key), 401, "API key" },
            { "HTTP/1.0", "GET /account/sign-in HTTP/1.0\r\n\r\n", 200, "<h1" },
            { "HTTP/1.0, API", $"GET /api/v1/prompts HTTP/1.0\r\n{Key}\r\n", 200, "items" },
            { "HTTP/1.1 without a host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "" },
            { "a host of no name", "GET /account/sign-in HTTP/1.1\r\nHost: a..b\r\nConnection: close\r\n\r\n", 400, "" },
            {
                "another address in the first line",
                "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
                302,
                ""
            },
            { "all of it", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405, "Allow:" },
            { "less than it says", Raw("POST", "/api/v1/prompts", Key + Json + "Content-Length: 100\r\n", "{"), 0, "" },
            { "broken pieces", Raw("POST", "/api/v1/prompts", Key + Json + "Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n"), 400, "" },
            { "cut pieces", Raw("POST", "/api/v1/prompts", Key + Json + "Transfer-Encoding: chunked\r\n", "5\r\n{\"na"), 0, "" },
            {
                "pieces and a length",
                Raw("POST", "/hooks/x", Json + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
                404,
                ""
            },
            { "a form of JSON", Post("/account/sign-in", Json, "{}"), 400, "form has expired" },
            { "a form of nothing", Post("/account/sign-in", "", ""), 400, "form has expired" },
            {
                "a broken form",
                Post("/account/passkeys/request-options", "Content-Type: multipart/form-data; boundary=x\r\n", "zz"),
                400,
                "form has expired"
            },
            {
                "a form without a boundary",
                Post("/account/sign-in", "Content-Type: multipart/form-data\r\n", "zz"),
                400,
                "form has expired"
            },
            { "a form to a page of scripts", Post("/prompts", Form, "a=b"), 401, "signed out" },
            { "a form of 300 KB", Post("/account/sign-in", Form, new string('x', 300_000)), 400, "form has expired" },
            { "a way back off the portal", Post("//evil.example/account/sign-in", Form, "a=b"), 405, "cannot be used" },
            { "a line end in a path", Get("GET", "/nothing%0d%0aSet-Cookie:%20a=b"), 404, "Page not found" },
        };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_IsAnswered_WithWhatIsWrong(string what, string request, int status, string says)
    {
        var answer = await SendAsync(request, isCut: status == 0);

        answer.Should().StartWith(status == 0 ? "" : $"HTTP/1.1 {status} ", what);
        answer.Contains(says, StringComparison.Ordinal).Should().BeTrue($"{what}: {answer}");
        answer.Should().NotContain("Set-Cookie: a=b").And.NotContain("href=\"//");
        world.Portal.Log.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Should().BeEmpty(what);
    }

    /// <summary>Otherwise a misspelled filter returns everything, and a wrong cursor the end of the list.</summary>
    [Fact]
    public async Task EveryList_RefusesEachWrongParameter_ByName()
    {
        using var client = world.Portal.CreateAdminClient();
        var wrong = await ListRoutes.WrongAsync(client, Cancellation);
        var accepted = new List<string>();
        foreach (var (address, field) in wrong)
        {
            using var answer = await client.GetAsync(address, Cancellation);
            var body = await answer.Content.ReadAsStringAsync(Cancellation);
            // Below an item that does not exist, the cursor is not read.
            var isNamed =
                answer.StatusCode == HttpStatusCode.BadRequest && body.Contains($"\"{field}\"", StringComparison.OrdinalIgnoreCase);
            if (!isNamed && !(answer.StatusCode == HttpStatusCode.NotFound && field == "after"))
            {
                accepted.Add($"{address}: {(int)answer.StatusCode} {body[..Math.Min(body.Length, 200)]}");
            }
        }

        wrong.Select(one => one.Address.Split('?')[0]).Distinct().Should().HaveCountGreaterThan(10);
        accepted.Should().BeEmpty();
    }

    /// <summary>Each character is a byte.</summary>
    /// <param name="isCut">Whether the sender goes away in the middle: then nobody hears an answer.</param>
    private async Task<string> SendAsync(string request, bool isCut)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(world.Portal.BaseAddress.Host, world.Portal.BaseAddress.Port, Cancellation);
        var stream = client.GetStream();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), limit.Token);
            if (isCut)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }

            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // Closed before all of it was sent: what was answered until then is the answer.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    private static string Get(string method, string path, string headers = "") => Raw(method, path, headers, "");

    private static string Post(string path, string headers, string body) =>
        Raw("POST", path, $"{headers}Content-Length: {body.Length}\r\n", body);

    private static string Raw(string method, string path, string headers, string body) =>
        $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n{body}";
}
