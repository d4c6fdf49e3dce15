using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Tests.Unit.Hosting;

/// <summary>A wrong setting is told with its key and what is allowed, and one that nothing reads is not ignored without a word.</summary>
public sealed class FrameworkSettingsTests
{
    private static readonly string[] Known =
    [
        "PromptPilot:Runs:MaxConcurrentRuns",
        "PromptPilot:Runs:KeepDays",
        "PromptPilot:Http:TrustedProxies",
    ];

    [Theory]
    [InlineData("Logging:LogLevel:Default", "Loud", "Information")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore", "9", "Information")]
    [InlineData("Logging:Console:LogLevel:Default", "info", "Information")]
    [InlineData("Logging:Console:FormatterName", "yaml", "json")]
    [InlineData("Logging:Console:FormatterOptions:SingleLine", "maybe", "true or false")]
    [InlineData("AllowedHosts", "https://prompts.example.org", "without scheme")]
    [InlineData("Kestrel:Endpoints:Http:Url", "nonsense", "http://")]
    [InlineData("Kestrel:Endpoints:Http:Url", "", "missing")]
    [InlineData("Kestrel:EndpointDefaults:Protocols", "Http7", "Http1AndHttp2")]
    [InlineData("Kestrel:EndpointDefaults:SslProtocols:0", "Tls9", "Tls13")]
    [InlineData("Kestrel:Endpoints:Http:ClientCertificateMode", "Always", "RequireCertificate")]
    public void Errors_OfAWrongValue_NameKeyAndWhatIsAllowed(string key, string value, string allowed) =>
        FrameworkSettings.Errors(Configuration((key, value))).Should().Contain(error => error.StartsWith(key) && error.Contains(allowed));

    [Theory]
    [InlineData("Logging:LogLevel:Default", "warning")]
    [InlineData("Logging:Console:FormatterName", "json")]
    [InlineData("AllowedHosts", "*")]
    [InlineData("AllowedHosts", "prompts.example.org;*.example.com;[::1]")]
    [InlineData("Kestrel:Endpoints:Http:Url", "http://*:80")]
    [InlineData("Kestrel:EndpointDefaults:Protocols", "http1")]
    public void Errors_OfARightValue_AreNone(string key, string value) =>
        FrameworkSettings.Errors(Configuration((key, value))).Should().BeEmpty();

    [Theory]
    [InlineData("Kestrel:Limits:MaxRequestBodySize", "Kestrel:Limits")]
    [InlineData("Kestrel:Endpoint:Http:Url", "Kestrel:Endpoint is not a setting and is ignored. Did you mean Kestrel:Endpoints?")]
    [InlineData("Logging:LogLevels:Default", "Did you mean Logging:LogLevel?")]
    [InlineData("Loging:LogLevel:Default", "Did you mean Logging?")]
    [InlineData("PromtPilot:Runs:KeepDays", "Did you mean PromptPilot?")]
    [InlineData("Anything:Else", "Anything is not a setting")]
    public void Unknown_OfAMisspeltSection_NamesIt(string key, string said) =>
        FrameworkSettings.Unknown(Arguments($"--{key}=7")).Should().ContainSingle().Which.Should().Contain(said);

    [Fact]
    public void Unknown_OfVariablesOfOtherPrograms_IsNothing() =>
        FrameworkSettings
            .Unknown(new ConfigurationBuilder().AddEnvironmentVariables().Build())
            .Should()
            .BeEmpty("a machine's environment is full of them");

    [Theory]
    [InlineData("PromptPilot:Runs:MaxConcurentRuns", "Did you mean PromptPilot:Runs:MaxConcurrentRuns?")]
    [InlineData("PromptPilot:Run:KeepDays", "Did you mean PromptPilot:Runs:KeepDays?")]
    [InlineData("PromptPilot:KeepDays", "Did you mean PromptPilot:Runs:KeepDays?")]
    [InlineData("PromptPilot:Http:TrustedProxy:0", "Did you mean PromptPilot:Http:TrustedProxies?")]
    [InlineData("PromptPilot:Runs:KeepDaysOfAll", "PromptPilot:Runs:KeepDaysOfAll is not a setting")]
    public void Find_OfAMisspeltKey_NamesTheNearest(string key, string said) =>
        UnknownSettings.Find(Configuration((key, "7")), Known).Should().ContainSingle().Which.Should().Contain(said);

    [Theory]
    [InlineData("PromptPilot:Runs:KeepDays")]
    [InlineData("promptpilot:runs:keepdays")]
    [InlineData("PromptPilot:Http:TrustedProxies:0")]
    public void Find_OfAKeyThatIsRead_IsNothing(string key) => UnknownSettings.Find(Configuration((key, "7")), Known).Should().BeEmpty();

    private static IConfigurationRoot Arguments(params string[] arguments) => new ConfigurationBuilder().AddCommandLine(arguments).Build();

    private static IConfigurationRoot Configuration(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value)))
            .Build();
}
