using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Core.Mail;

/// <summary>The door of the feature.</summary>
public static class MailSetup
{
    public static IServiceCollection AddMail(this IServiceCollection services)
    {
        services.AddSettings<SmtpSettings>(SmtpSettings.Section).AddRules();
        return services.AddSingleton<MailSender>();
    }
}
