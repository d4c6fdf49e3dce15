using System.CommandLine;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommandOptions
{
    public const string UrlVariable = "PROMPTPILOT_URL";
    public const string KeyVariable = "PROMPTPILOT_KEY";

    public static Option<bool> Json() => new("--json") { Description = "Write the result as JSON." };

    public static Option<string?> Data() =>
        new("--data") { Description = "The data directory. Default: the one in the settings.", HelpName = "DIRECTORY" };

    public static Option<string?> Url() =>
        new("--url")
        {
            Description = $"A running portal to use instead of a data directory, e.g. https://prompts.example.org. Or set {UrlVariable}.",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(UrlVariable),
        };

    public static Option<string?> Key() =>
        new("--key")
        {
            Description = $"An API key of that portal. Prefer {KeyVariable}: other users of this machine can see arguments.",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(KeyVariable),
        };
}
