using System.Net;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Models.SemanticKernel;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>
/// Addresses that lead where they should not, in every spelling: refused when saved or, past that check, when connected to, for hooks and
/// for model profiles.
/// </summary>
public sealed class HostileAddressTests
{
    /// <summary>Refused when saved, and when connected to. PORT is that of a server on this machine that nobody may reach.</summary>
    private static readonly string[] Literals =
    [
        "http://127.0.0.1:PORT/",
        "https://127.0.0.1:PORT/",
        "http://127.1:PORT/",
        "http://127.0.1:PORT/",
        "http://127.0.0.1.:PORT/",
        "http://127.99.3.7:PORT/",
        "http://2130706433:PORT/",
        "http://0x7f000001:PORT/",
        "http://0X7F000001:PORT/",
        "http://0x7f.0.0.1:PORT/",
        "http://0x7f.1:PORT/",
        "http://0177.0.0.1:PORT/",
        "http://0177.0.0.01:PORT/",
        "http://017700000001:PORT/",
        "http://①②⑦.⓪.⓪.①:PORT/",
        "http://１２７.０.０.１:PORT/",
        "http://127。0。0。1:PORT/",
        "http://localhost:PORT/",
        "http://LocalHost:PORT/",
        "http://localhost.:PORT/",
        "http://sub.localhost:PORT/",
        "http://ｌocalhost:PORT/",
        "http://[::1]:PORT/",
        "http://[0:0:0:0:0:0:0:1]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://[::ffff:7f00:1]:PORT/",
        "http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
        "http://[::127.0.0.1]:PORT/",
        "http://[::ffff:0:127.0.0.1]:PORT/",
        "http://[64:ff9b::127.0.0.1]:PORT/",
        "http://[64:ff9b::7f00:1]:PORT/",
        "http://[64:ff9b:1::7f00:1]:PORT/",
        "http://[2002:7f00:1::]:PORT/",
        "http://[2001:0:0:0:0:0:80ff:fffe]:PORT/",
        "http://0.0.0.0:PORT/",
        "http://0:PORT/",
        "http://[::]:PORT/",
        "http://127.0.0.1:PORT/?@example.org/",
        "https://10.0.0.1/",
        "https://167772161/",
        "https://0xa000001/",
        "https://012.0.0.1/",
        "https://172.16.0.1/",
        "https://172.31.255.255/",
        "https://192.168.0.1/",
        "https://0xc0a80001/",
        "https://100.64.0.1/",
        "https://198.18.0.1/",
        "https://192.0.2.1/",
        "https://[fc00::1]/",
        "https://[fd12:3456:789a::1]/",
        "https://[fec0::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[2001:db8::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://2852039166/",
        "https://0xa9fea9fe/",
        "https://0251.0376.0251.0376/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://100.100.100.200/",
        "https://168.63.129.16/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[ff02::1]/",
    ];

    /// <summary>Nothing to see when saved: refused when connected to.</summary>
    private static readonly string[] HostileNames =
    [
        "https://private.example/",
        "https://mixed.example/",
        "https://mapped.example/",
        "https://nat64.example/",
        "https://metadata.example/",
        "https://unspecified.example/",
    ];

    /// <summary>Refused when saved; they are no addresses to connect to, or lead to an honest host.</summary>
    private static readonly string[] NeverSaved =
    [
        "http://user:word@127.0.0.1/",
        "https://example.org@127.0.0.1/",
        "https://example.org:443@10.0.0.1/",
        "https://user:word@example.org/",
        "https://user@example.org/",
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org:25/",
        "javascript:alert(1)",
        "data:text/plain,x",
        "//127.0.0.1/",
        "127.0.0.1",
        "https://",
        "https:///",
        "unix:/var/run/docker.sock",
        "https://[fe80::1%25eth0]/",
        "https://exa mple.org/",
        "http://127.0.0.1:PORT\\@example.org/",
    ];

    /// <summary>A refusal for another reason: where an address leads is looked at first.</summary>
    private const string PlainHttp = "without encryption";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hooks_ReachNoneOfThem()
    {
        await using var server = await HookReceiver.StartAsync();
        var addresses = new HookAddresses(Options.Create(new IntegrationsOptions()), new StubNames());
        using var http = new HookHttp(addresses, Options.Create(new IntegrationsOptions()), TimeProvider.System);
        var wrong = NeverSaved
            .Concat(Literals)
            .Select(address => At(address, server))
            .Where(address => addresses.Problem(address) is null)
            .Select(address => $"saved: {address}")
            .ToList();
        foreach (var address in Literals.Concat(HostileNames).Select(address => At(address, server)))
        {
            var outcome = await http.PostAsync(new Uri(address), "{}"u8.ToArray(), new Dictionary<string, string>(), Cancellation);
            if (outcome.Verdict != AttemptVerdict.AddressRefused || outcome.Detail.Contains(PlainHttp, StringComparison.Ordinal))
            {
                wrong.Add($"{outcome.Verdict}: {address}, {outcome.Detail}");
            }
        }

        wrong.Should().BeEmpty();
        server.Messages.Should().BeEmpty();
        (Literals.Length + HostileNames.Length + NeverSaved.Length).Should().BeGreaterThanOrEqualTo(60);
    }

    [Fact]
    public async Task ModelProfiles_ReachNoneOfThem()
    {
        await using var server = await HookReceiver.StartAsync();
        var endpoints = new ModelEndpoints(
            Options.Create(new NetworkOptions { AllowedPrivateHosts = ["models.internal"] }),
            new StubNames()
        );
        using var connections = new ModelConnections(endpoints);
        using var http = new HttpClient(connections.Handler, disposeHandler: false);
        var wrong = NeverSaved
            .Concat(Literals)
            .Select(address => At(address, server))
            .Where(address => endpoints.Problem(Providers.OpenAICompatible, ModelEndpoints.Tidy(address)) is null)
            .Select(address => $"saved: {address}")
            .ToList();
        foreach (var address in Literals.Concat(HostileNames).Select(address => At(address, server)))
        {
            var call = async () => await http.GetAsync(new Uri(address), Cancellation);
            var refused = await call.Should().ThrowAsync<Exception>(address);
            if (
                (refused.Which as AddressRefusedException ?? refused.Which.InnerException as AddressRefusedException) is not { } refusal
                || refusal.Message.Contains(PlainHttp, StringComparison.Ordinal)
            )
            {
                wrong.Add($"{address}: {refused.Which.GetType().Name} {refused.Which.Message}");
            }
        }

        wrong.Should().BeEmpty();
        server.Messages.Should().BeEmpty();
    }

    [Fact]
    public async Task AllowedPrivateHost_IsReached_ByModelsAndHooks_EachByItsOwnList()
    {
        await using var server = await HookReceiver.StartAsync();
        var address = At("http://models.internal:PORT/v1", server);
        var models = new ModelEndpoints(Options.Create(new NetworkOptions { AllowedPrivateHosts = ["models.internal"] }), new StubNames());
        using var connections = new ModelConnections(models);
        using var http = new HttpClient(connections.Handler, disposeHandler: false);
        using var answer = await http.GetAsync(new Uri(address), Cancellation);
        var hooks = new HookAddresses(
            Options.Create(new IntegrationsOptions { AllowedPrivateHosts = ["MODELS.internal."] }),
            new StubNames()
        );
        using var sender = new HookHttp(hooks, Options.Create(new IntegrationsOptions()), TimeProvider.System);

        models.Problem(Providers.OpenAICompatible, address).Should().BeNull();
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        hooks.Problem(address).Should().BeNull();
        (await sender.PostAsync(new Uri(address), "{}"u8.ToArray(), new Dictionary<string, string>(), Cancellation))
            .Verdict.Should()
            .Be(AttemptVerdict.Delivered);
        new HookAddresses(Options.Create(new IntegrationsOptions()), new StubNames()).Problem(address).Should().Contain("https://");
        server.Messages.Should().HaveCount(2);
    }

    [Fact]
    public async Task Host_TakenOffTheList_IsCalledNoMoreWithoutTls()
    {
        var options = new IntegrationsOptions { AllowedPrivateHosts = ["public.example"] };
        var addresses = new HookAddresses(Options.Create(options), new StubNames());
        using var http = new HookHttp(addresses, Options.Create(options), TimeProvider.System);
        addresses.Problem("http://public.example/in").Should().BeNull();

        options.AllowedPrivateHosts = [];

        var outcome = await http.PostAsync(
            new Uri("http://public.example/in"),
            "{}"u8.ToArray(),
            new Dictionary<string, string>(),
            Cancellation
        );
        outcome.Should().BeEquivalentTo(new { Verdict = AttemptVerdict.AddressRefused });
        outcome.Detail.Should().Contain(PlainHttp);
    }

    [Fact]
    public async Task NameThatRebinds_IsCheckedAtEachConnection_AndConnectedToWhatWasChecked()
    {
        await using var server = await HookReceiver.StartAsync();
        server.Answer = _ => new ReceiverAnswer(200, "ok", ("Connection", "close"));
        var names = new StubNames();
        var addresses = new HookAddresses(Options.Create(new IntegrationsOptions { AllowedPrivateHosts = ["rebind.example"] }), names);
        using var http = new HookHttp(addresses, Options.Create(new IntegrationsOptions()), TimeProvider.System);
        var address = new Uri(At("http://rebind.example:PORT/", server));

        var first = await http.PostAsync(address, "{}"u8.ToArray(), new Dictionary<string, string>(), Cancellation);
        var second = await http.PostAsync(address, "{}"u8.ToArray(), new Dictionary<string, string>(), Cancellation);

        first.Verdict.Should().Be(AttemptVerdict.Delivered);
        second.Verdict.Should().Be(AttemptVerdict.AddressRefused, "the name now leads to the metadata service");
        names
            .Rebinds.Should()
            .Be(2, "a name is resolved once a connection, so that it cannot answer the check and the connection differently");
        server.Messages.Should().ContainSingle();
    }

    private static string At(string address, HookReceiver server) =>
        address.Replace(
            "PORT",
            new Uri(server.Address).Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );

    /// <summary>A name server of the attacker's.</summary>
    private sealed class StubNames : HostNames
    {
        public int Rebinds { get; private set; }

        public override Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
            Task.FromResult(
                host switch
                {
                    "public.example" => [IPAddress.Parse("8.8.8.8")],
                    "private.example" => [IPAddress.Parse("10.0.0.1")],
                    "mixed.example" => [IPAddress.Parse("8.8.8.8"), IPAddress.Loopback],
                    "mapped.example" => [IPAddress.Parse("::ffff:127.0.0.1")],
                    "nat64.example" => [IPAddress.Parse("64:ff9b::a9fe:a9fe")],
                    "metadata.example" => [IPAddress.Parse("169.254.169.254")],
                    "unspecified.example" => [IPAddress.Any],
                    "models.internal" => [IPAddress.Loopback],
                    "rebind.example" => [Rebinds++ == 0 ? IPAddress.Loopback : IPAddress.Parse("169.254.169.254")],
                    _ when host.EndsWith("localhost", StringComparison.OrdinalIgnoreCase) => new[] { IPAddress.Loopback },
                    _ => throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound),
                }
            );
    }
}
