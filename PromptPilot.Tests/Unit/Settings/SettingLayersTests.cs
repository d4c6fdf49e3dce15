using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Settings;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Tests.Unit.Settings;

/// <summary>Whose value counts, and who is said to decide.</summary>
public sealed class SettingLayersTests
{
    private static readonly Setting Days = new("SettingLayersTests:Days", SettingGroup.Retention, SettingKind.Number, "Days", "Help.", "7");
    private static readonly Setting Hosts = new(
        "SettingLayersTests:Hosts",
        SettingGroup.Network,
        SettingKind.List,
        "Hosts",
        "Help.",
        "localhost"
    );

    [Fact]
    public void Variable_OfTheEnvironment_WinsOverThePage_AndIsNamed()
    {
        // Of a section of its own: the hosts of other tests live in this process.
        Environment.SetEnvironmentVariable("SettingLayersTests__Days", "30");
        Environment.SetEnvironmentVariable("SettingLayersTests__Hosts__0", "from.environment");
        try
        {
            var (configuration, page, layers) = Build(environment: true);
            Show(page, layers, (Days, "12"), (Hosts, "a.example\nb.example"));

            layers.Above(Days).Should().Be("the environment variable SettingLayersTests__Days");
            layers.Effective(Days).Should().Be("30");
            layers
                .Effective(Hosts)
                .Split('\n')
                .Should()
                .NotContain(["a.example", "b.example"], "lists of several sources must not mix")
                .And.Contain("from.environment");
            configuration["SettingLayersTests:Days"].Should().Be("30");
        }
        finally
        {
            Environment.SetEnvironmentVariable("SettingLayersTests__Days", null);
            Environment.SetEnvironmentVariable("SettingLayersTests__Hosts__0", null);
        }
    }

    [Fact]
    public void Page_WinsOverTheFile_AndTellsWhatCountedWithoutIt()
    {
        var (_, page, layers) = Build(environment: false);
        Show(page, layers, (Days, "12"), (Hosts, "a.example"));

        (layers.Effective(Days), layers.Below(Days), layers.Above(Days)).Should().Be(("12", "90", null));
        (layers.Effective(Hosts), layers.Below(Hosts)).Should().Be(("a.example", "x.example\ny.example\nz.example"));
        page.Show(new Dictionary<string, string?>());
        layers.Effective(Days).Should().Be("90");
    }

    [Fact]
    public void With_OtherValues_IsAConfigurationOfItsOwn()
    {
        var (configuration, page, layers) = Build(environment: false);
        Show(page, layers, (Days, "12"), (Hosts, "a.example"));

        var would = layers.With([Days, Hosts], new Dictionary<string, string> { [Hosts.Key] = "" });

        would[Days.Key].Should().Be("90", "the page would say nothing of it");
        would.GetSection(Hosts.Key).GetChildren().Select(host => host.Value).Should().OnlyContain(host => host == "");
        configuration[Days.Key].Should().Be("12");
    }

    private static (ConfigurationManager Configuration, StoredSettingsProvider Page, SettingLayers Layers) Build(bool environment)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                [Days.Key] = "90",
                [$"{Hosts.Key}:0"] = "x.example",
                [$"{Hosts.Key}:1"] = "y.example",
                [$"{Hosts.Key}:2"] = "z.example",
            }
        );
        var page = new StoredSettingsProvider();
        ((IConfigurationBuilder)configuration).Add(page);
        if (environment)
        {
            configuration.AddEnvironmentVariables();
        }

        return (configuration, page, new SettingLayers(configuration, page));
    }

    private static void Show(StoredSettingsProvider page, SettingLayers layers, params (Setting Setting, string Value)[] values) =>
        page.Show(values.SelectMany(value => layers.Page(value.Setting, value.Value)).ToDictionary());
}
