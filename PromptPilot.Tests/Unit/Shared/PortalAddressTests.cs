using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Tests.Unit.Shared;

public class PortalAddressTests
{
    [Theory]
    [InlineData("http://localhost:5080/", "http://localhost:5080/x")]
    [InlineData("http://127.0.0.1:5080/", "http://127.0.0.1:5080/x")]
    [InlineData("http://127.8.9.1/", "http://127.8.9.1/x")]
    [InlineData("http://[::1]:5080/", "http://[::1]:5080/x")]
    [InlineData("https://prompts.example.org/", "https://prompts.example.org/x")]
    [InlineData("https://a.team.example.org/", "https://a.team.example.org/x")]
    [InlineData("http://listens.example.org:5080/", "http://listens.example.org:5080/x")]
    [InlineData("https://evil.example/", "http://listens.example.org:5080/x")]
    [InlineData("https://team.example.org.evil.example/", "http://listens.example.org:5080/x")]
    [InlineData("https://evilteam.example.org/", "http://listens.example.org:5080/x")]
    [InlineData("https://localhost.evil.example/", "http://listens.example.org:5080/x")]
    [InlineData("https://8.8.8.8/", "http://listens.example.org:5080/x")]
    public void Link_BeginsWithTheAddressOfTheRequest_OnlyWhereItIsThePortals(string asked, string link) =>
        Address(null).LinkTo("/x", new Uri(asked)).Should().Be(link);

    [Theory]
    [InlineData("http://localhost:5080/")]
    [InlineData("https://prompts.example.org/")]
    [InlineData("https://evil.example/")]
    public void Link_BeginsWithPublicUrl_WhereThereIsOne(string asked) =>
        Address("https://public.example.org").LinkTo("/x", new Uri(asked)).Should().Be("https://public.example.org/x");

    [Theory]
    [InlineData(null, "https://prompts.example.org/pilot/", "https://prompts.example.org/pilot/x")]
    [InlineData(null, "https://evil.example/pilot/", "http://listens.example.org:5080/pilot/x")]
    [InlineData("https://public.example.org/pilot", "https://prompts.example.org/pilot/", "https://public.example.org/pilot/x")]
    public void Link_HasTheBasePath(string? publicUrl, string asked, string link) =>
        Address(publicUrl, "/pilot").LinkTo("/x", new Uri(asked)).Should().Be(link);

    [Theory]
    [InlineData("https://public.example.org/pilot", "/pilot", true)]
    [InlineData("https://public.example.org/pilot/", "/pilot", true)]
    [InlineData("https://public.example.org", "/pilot", false)]
    [InlineData("https://public.example.org/pilot", null, false)]
    [InlineData("https://public.example.org/", null, true)]
    public void PublicUrl_EndsWithTheBasePath(string publicUrl, string? pathBase, bool isRight)
    {
        var configuration = Settings(publicUrl, pathBase);

        new PortalAddress(configuration).Errors(configuration).Should().HaveCount(isRight ? 0 : 1);
    }

    private static PortalAddress Address(string? publicUrl, string? pathBase = null) => new(Settings(publicUrl, pathBase));

    private static IConfiguration Settings(string? publicUrl, string? pathBase) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    [PortalAddress.Key] = publicUrl,
                    ["PromptPilot:Http:PathBase"] = pathBase,
                    ["Urls"] = "http://listens.example.org:5080;http://+:5081",
                    ["AllowedHosts"] = "prompts.example.org;*.team.example.org;*",
                }
            )
            .Build();
}
