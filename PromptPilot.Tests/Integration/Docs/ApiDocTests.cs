using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;
using PromptPilot.Tests.Unit.Docs;
using PromptPilot.Web.Api;

namespace PromptPilot.Tests.Integration.Docs;

/// <summary>docs/api.md names the endpoints and status codes that the portal has.</summary>
public sealed partial class ApiDocTests
{
    private const string Document = "docs/api.md";

    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    [Fact]
    public async Task Endpoints_AreThoseOfTheOpenApiDocument()
    {
        await using var portal = await PortalHost.StartAsync();
        using var client = new HttpClient { BaseAddress = portal.BaseAddress };
        var openApi = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", TestContext.Current.CancellationToken);
        var described = openApi
            .GetProperty("paths")
            .EnumerateObject()
            .Select(path => $"{InOrder(path.Value.EnumerateObject().Select(method => method.Name.ToUpperInvariant()))} {path.Name}");

        var listed = Endpoints()
            .Matches(Documents.Read(Document))
            .Select(match =>
                $"{InOrder(match.Groups["methods"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))} {match.Groups["path"].Value}"
            );

        listed.Should().BeEquivalentTo(described, $"the section Endpoints of {Document} lists every endpoint");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void StatusOfEachProblem_IsExplained(ProblemKind kind)
    {
        var status = ((IStatusCodeHttpResult)ApiResults.From(new Problem(kind, "", []))).StatusCode!.Value;

        Documents
            .Read(Document)
            .Should()
            .Contain($"\n| {status.ToString(CultureInfo.InvariantCulture)} | ", $"the section Errors of {Document} explains each status");
    }

    public static TheoryData<ProblemKind> Kinds => [.. Enum.GetValues<ProblemKind>()];

    private static string InOrder(IEnumerable<string> methods) =>
        string.Join(' ', methods.OrderBy(method => Array.IndexOf(Methods, method)));

    [GeneratedRegex(@"^(?<methods>(?:(?:GET|POST|PUT|PATCH|DELETE) +)+)(?<path>/\S+)$", RegexOptions.Multiline)]
    private static partial Regex Endpoints();
}
