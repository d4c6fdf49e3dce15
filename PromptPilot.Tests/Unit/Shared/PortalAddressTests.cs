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

    private static PortalAddress Address(string? publicUrl) =>
        new(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?>
                    {
                        [PortalAddress.Key] = publicUrl,
                        ["Urls"] = "http://listens.example.org:5080;http://+:5081",
                        ["AllowedHosts"] = "prompts.example.org;*.team.example.org;*",
                    }
                )
                .Build()
        );
}
