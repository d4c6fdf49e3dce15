namespace PromptPilot.Web.Hosting;

/// <summary>Where settings come from.</summary>
internal static class HostConfiguration
{
    /// <summary>
    /// Puts the appsettings.json beside the binaries before all other sources, so that it counts in <c>dotnet run</c>, in a published build and whatever the working directory is; environment variables and arguments win over it.
    /// </summary>
    public static void AddSettingsFile(this WebApplicationBuilder builder)
    {
        var file = new Microsoft.Extensions.Configuration.Json.JsonConfigurationSource
        {
            Path = "appsettings.json",
            Optional = false,
            FileProvider = new Microsoft.Extensions.FileProviders.PhysicalFileProvider(AppContext.BaseDirectory),
        };
        builder.Configuration.Sources.Insert(0, file);
    }
}
