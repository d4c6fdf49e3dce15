using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Files.Texts;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Files;

/// <summary>Registers the feature.</summary>
public static class FilesSetup
{
    public static IServiceCollection AddFiles(this IServiceCollection services)
    {
        services
            .AddSettings<FilesOptions>(FilesOptions.Section)
            .Validate(
                files => files.MaxFileMegabytes is >= 1 and <= 100,
                $"{FilesOptions.Section}:MaxFileMegabytes must be a number from 1 to 100."
            )
            .Validate(
                files => files.MaxFilesPerRun is >= 1 and <= 100,
                $"{FilesOptions.Section}:MaxFilesPerRun must be a number from 1 to 100."
            )
            .Validate(
                files => files.MaxTotalMegabytes is >= 10 and <= 1_000_000,
                $"{FilesOptions.Section}:MaxTotalMegabytes must be a number from 10 to 1,000,000."
            )
            .Validate(
                files => files.MaxPictureSide is >= 100 and <= 20_000,
                $"{FilesOptions.Section}:MaxPictureSide must be a number from 100 to 20,000."
            )
            .Validate(files => files.MaxPages is >= 1 and <= 10_000, $"{FilesOptions.Section}:MaxPages must be a number from 1 to 10,000.")
            .Validate(
                files => files.MaxTextLength is >= 1_000 and <= 3_000_000,
                $"{FilesOptions.Section}:MaxTextLength must be a number from 1,000 to 3,000,000."
            );
        services.AddSingleton(TextProgramPath.Find());
        services.AddSingleton<TextProcess>();
        services.AddSingleton<DocumentTexts>();
        services.AddSingleton<FileStore>();
        services.AddSingleton<FileUses>();
        services.AddSingleton<FileMarks>();
        services.AddSingleton<FileInputs>();
        services.AddSingleton<FileService>();
        return services.AddCleaning<FileCleaning>();
    }
}
