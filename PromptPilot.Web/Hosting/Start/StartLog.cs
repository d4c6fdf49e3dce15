namespace PromptPilot.Web.Hosting.Start;

/// <summary>
/// Keeps libraries from logging stack traces while the host starts: the reason why it cannot start is one sentence
/// (<see cref="StartFailure"/>).
/// </summary>
internal sealed class StartLog
{
    private static readonly string[] Categories =
    [
        "Microsoft.AspNetCore.DataProtection",
        "Microsoft.AspNetCore.Server.Kestrel",
        "Microsoft.EntityFrameworkCore.Database.Command",
        "Microsoft.EntityFrameworkCore.Query",
        "Microsoft.Extensions.Hosting.Internal.Host",
    ];

    private volatile bool _hasStarted;

    /// <summary>From then on everything is logged as configured.</summary>
    public bool HasStarted
    {
        get => _hasStarted;
        set => _hasStarted = value;
    }

    public static void AddTo(WebApplicationBuilder builder)
    {
        var log = new StartLog();
        builder.Services.AddSingleton(log);
        builder.Services.PostConfigure<LoggerFilterOptions>(options =>
        {
            foreach (var category in Categories)
            {
                // A rule replaces the configured one of the same category: it has to ask for that one's level.
                var level = LevelOf(options, category);
                options.Rules.Add(new LoggerFilterRule(null, category, null, (_, _, asked) => log.HasStarted && asked >= level));
            }
        });
    }

    private static LogLevel LevelOf(LoggerFilterOptions options, string category) =>
        options
            .Rules.Where(rule =>
                rule.LogLevel is not null
                && rule.ProviderName is null
                && category.StartsWith(rule.CategoryName ?? "", StringComparison.OrdinalIgnoreCase)
            )
            .MaxBy(rule => rule.CategoryName?.Length ?? 0)
            ?.LogLevel
        ?? options.MinLevel;
}
