using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Exchange.Import;

namespace PromptPilot.Core.Exchange;

/// <summary>The door of the feature.</summary>
public static class ExchangeSetup
{
    public static IServiceCollection AddExchange(this IServiceCollection services) =>
        services.AddSingleton<ImportTurns>().AddSingleton<ExchangeService>();
}
