using System.Net;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models;

/// <summary>Endpoints lead only where an admin's configuration lets them, however the address is written.</summary>
public class EndpointGuardTests
{
    [Theory]
    [InlineData("127.0.0.1", AddressKind.Private)]
    [InlineData("10.1.2.3", AddressKind.Private)]
    [InlineData("172.16.0.1", AddressKind.Private)]
    [InlineData("172.32.0.1", AddressKind.Public)]
    [InlineData("192.168.178.1", AddressKind.Private)]
    [InlineData("100.64.0.1", AddressKind.Private)]
    [InlineData("100.128.0.1", AddressKind.Public)]
    [InlineData("100.100.100.200", AddressKind.Forbidden)]
    [InlineData("169.254.169.254", AddressKind.Forbidden)]
    [InlineData("168.63.129.16", AddressKind.Forbidden)]
    [InlineData("0.0.0.0", AddressKind.Forbidden)]
    [InlineData("224.0.0.1", AddressKind.Forbidden)]
    [InlineData("255.255.255.255", AddressKind.Forbidden)]
    [InlineData("8.8.8.8", AddressKind.Public)]
    [InlineData("::1", AddressKind.Private)]
    [InlineData("::", AddressKind.Forbidden)]
    [InlineData("::ffff:169.254.169.254", AddressKind.Forbidden)]
    [InlineData("::ffff:10.0.0.1", AddressKind.Private)]
    [InlineData("::10.0.0.1", AddressKind.Private)]
    [InlineData("64:ff9b::a9fe:a9fe", AddressKind.Forbidden)]
    [InlineData("2002:a9fe:a9fe::1", AddressKind.Forbidden)]
    [InlineData("2002:7f00:1::", AddressKind.Private)]
    [InlineData("2001:0:0:0:0:0:5601:5601", AddressKind.Forbidden)]
    [InlineData("fd12:3456::1", AddressKind.Private)]
    [InlineData("fd00:ec2::254", AddressKind.Forbidden)]
    [InlineData("fe80::1", AddressKind.Forbidden)]
    [InlineData("ff02::1", AddressKind.Forbidden)]
    [InlineData("2606:4700::1", AddressKind.Public)]
    [InlineData("2001:db8::1", AddressKind.Private)]
    public void Classify_KnowsWhereAnAddressLies(string address, object kind) =>
        AddressGuard.Classify(IPAddress.Parse(address)).Should().Be((AddressKind)kind);

    [Theory]
    [InlineData("http://127.0.0.1:{0}/v1")]
    [InlineData("http://localhost:{0}/v1")]
    [InlineData("http://2130706433:{0}/v1")]
    [InlineData("http://0x7f000001:{0}/v1")]
    [InlineData("http://0177.0.0.1:{0}/v1")]
    [InlineData("http://127.1:{0}/v1")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/v1")]
    [InlineData("http://[::ffff:7f00:1]:{0}/v1")]
    [InlineData("http://localhost.:{0}/v1")]
    [InlineData("http://0.0.0.0:{0}/v1")]
    public async Task Connection_ToThisMachine_IsRefusedUnlessListed(string spelling)
    {
        await using var server = await FakeModelServer.StartAsync();
        await using var host = await ModelsHost.StartAsync("models.internal");
        var endpoint = spelling.Replace(
            "{0}",
            new Uri(server.Endpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );

        var (reply, _) = await host.CallAsync(await host.AddProfileAsync(endpoint));

        reply.Fault!.Code.Should().Be(ErrorCode.BadRequest);
        reply.Fault.Message.Should().ContainAny("private address", "cannot be called");
        server.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("[fe80::1]")]
    [InlineData("[::ffff:169.254.169.254]")]
    public async Task Connection_ToMetadata_IsRefusedEvenWhenListed(string address)
    {
        await using var host = await ModelsHost.StartAsync(address);

        var (reply, _) = await host.CallAsync(await host.AddProfileAsync($"http://{address}/v1"));

        reply.Fault!.Code.Should().Be(ErrorCode.BadRequest);
        reply.Fault.Message.Should().Contain("cannot be called");
    }

    [Fact]
    public async Task Connection_ToAListedHost_IsMade()
    {
        await using var server = await FakeModelServer.StartAsync();
        await using var host = await ModelsHost.StartAsync("LOCALHOST");

        var (reply, _) = await host.CallAsync(
            await host.AddProfileAsync(server.Endpoint.Replace("127.0.0.1", "localhost", StringComparison.Ordinal))
        );

        reply.Fault.Should().BeNull();
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var target = await FakeModelServer.StartAsync();
        await using var server = await FakeModelServer.StartAsync();
        await using var host = await ModelsHost.StartAsync(null);
        server.Default = FakeAnswer.Error(307) with
        {
            Headers = new Dictionary<string, string> { ["Location"] = target.Endpoint + "/chat/completions" },
        };

        var (reply, _) = await host.CallAsync(await host.AddProfileAsync(server.Endpoint, key: "sk-canary"));

        reply.Fault!.Message.Should().Contain("redirects to another address (307)");
        target.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData("https://api.example.org/v1", null)]
    [InlineData("http://localhost:11434", null)]
    [InlineData("http://127.0.0.1:8000/v1", null)]
    [InlineData("http://[::1]:8000/v1", null)]
    [InlineData("http://api.example.org/v1", "Use https://")]
    [InlineData("https://10.0.0.1/v1", "private address")]
    [InlineData("https://169.254.169.254/latest", "cannot be called")]
    [InlineData("https://[::ffff:169.254.169.254]/v1", "cannot be called")]
    [InlineData("https://167772161/v1", "private address")]
    [InlineData("https://name:word@api.example.org/v1", "Remove the user name")]
    [InlineData("ftp://api.example.org", "complete URL")]
    [InlineData("file:///etc/passwd", "complete URL")]
    [InlineData("api.example.org/v1", "complete URL")]
    [InlineData("https://api.example.org/v1?key=1", "without “?”")]
    [InlineData(null, "Enter the base URL")]
    public async Task Endpoint_IsCheckedWhenSaved(string? endpoint, string? message)
    {
        await using var host = await ModelsHost.StartAsync(null);

        var problem = host.Get<ModelEndpoints>().Problem(Providers.OpenAICompatible, ModelEndpoints.Tidy(endpoint));

        if (message is null)
        {
            problem.Should().BeNull();
        }
        else
        {
            problem.Should().Contain(message);
        }
    }
}
