using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

public sealed class JsonBodyTests(SharedPortal portal) : IClassFixture<SharedPortal>
{
    [Fact]
    public async Task EveryJsonBody_WithAnUnknownField_IsRefusedWithItsName()
    {
        using var client = portal.Host.CreateAdminClient();
        client.DefaultRequestHeaders.Add("If-Match", "\"1\"");
        var routes = portal
            .Host.Get<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/api/v1/", StringComparison.Ordinal))
            .Where(e => e.Metadata.GetMetadata<IAcceptsMetadata>() is { } accepts && accepts.ContentTypes.Contains("application/json"))
            .Select(e => (Method: e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0], Path: e.RoutePattern.RawText!))
            // An import is a file, and whether a hook is one of its workflow comes first.
            .Where(route => route.Path != "/api/v1/import" && !route.Path.EndsWith("/integration-hooks/{id}", StringComparison.Ordinal))
            .ToList();
        var wrong = new List<string>();
        foreach (var (method, path) in routes)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Regex.Replace(path, @"\{[^}]+\}", "unknown"));
            request.Content = new StringContent("""{"noSuchField":1}""", Encoding.UTF8, "application/json");
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (response.StatusCode != HttpStatusCode.BadRequest || !text.Contains("noSuchField", StringComparison.Ordinal))
            {
                wrong.Add($"{method} {path}: {(int)response.StatusCode} {text}");
            }
        }

        routes.Should().HaveCountGreaterThan(25);
        wrong.Should().BeEmpty();
    }
}
