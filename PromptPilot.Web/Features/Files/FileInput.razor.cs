using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;
using PromptPilot.Core.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Files;

public sealed partial class FileInput(PageServices services, FileService files, IOptions<FilesOptions> options) : PortalComponent(services)
{
    /// <summary>Longest side of a picture that is reduced, in pixels.</summary>
    private const int ReducedSide = 2_000;

    private const int BufferSize = 64 * 1024;
    private const int MostShown = 80;

    private InputFile? _input;
    private CancellationTokenSource? _upload;
    private string? _sending;
    private string? _error;
    private string _said = "";
    private int _percent;
    private bool _reduce;

    /// <summary>The id of the control, and the start of its test ids.</summary>
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    [Parameter, EditorRequired]
    public FileKind Kind { get; set; }

    /// <summary>The reference as JSON; empty for none.</summary>
    [Parameter]
    public string? Value { get; set; }

    [Parameter]
    public EventCallback<string> ValueChanged { get; set; }

    /// <summary>Gets true when an upload begins and false when it ends: until then the form cannot be sent.</summary>
    [Parameter]
    public EventCallback<bool> OnUploading { get; set; }

    /// <summary>Of the file input, from its field.</summary>
    [Parameter(CaptureUnmatchedValues = true)]
    public IReadOnlyDictionary<string, object>? Attributes { get; set; }

    private string Words =>
        (Kind, string.IsNullOrWhiteSpace(Value)) switch
        {
            (_, false) => "Replace it",
            (FileKind.Picture, _) => "Choose a picture",
            (FileKind.Document, _) => "Choose a document",
        };

    private string Accept =>
        Kind switch
        {
            FileKind.Picture => ".png,.jpg,.jpeg,.webp,image/png,image/jpeg,image/webp",
            FileKind.Document => ".pdf,.docx,.html,.htm,.txt,.md,.csv,.json,.log,.xml,application/pdf,text/*",
        };

    private IReadOnlyDictionary<string, object> State
    {
        get
        {
            var state = new Dictionary<string, object>(Attributes ?? new Dictionary<string, object>()) { ["id"] = Id };
            if (_error is not null)
            {
                state["aria-invalid"] = "true";
                state["aria-describedby"] = $"{state.GetValueOrDefault("aria-describedby")} {Id}-upload-error".Trim();
            }

            return state;
        }
    }

    [SuppressMessage("Usage", "CA2213", Justification = "Each upload disposes its own at its end; leaving the page ends them.")]
    private async Task UploadAsync(InputFileChangeEventArgs change)
    {
        if (change.FileCount != 1)
        {
            _error = change.FileCount > 1 ? "This field accepts one file. Choose one." : _error;
            return;
        }

        Cancel();
        var file = change.File;
        using var upload = CancellationTokenSource.CreateLinkedTokenSource(Left);
        (_upload, _sending, _percent, _error, _said) = (upload, file.Name, 0, null, "");
        await OnUploading.InvokeAsync(true);
        try
        {
            var saved = await SendAsync(file, upload.Token);
            if (upload.IsCancellationRequested)
            {
                return;
            }

            if (saved.IsOk)
            {
                _said = $"Uploaded {saved.Value.Name}, {Format.Bytes(saved.Value.Size)}.";
                await ValueChanged.InvokeAsync(FileValue.Of(saved.Value));
            }
            else
            {
                _error = saved.Problem.Errors is [{ } first, ..] ? first.Message : saved.Problem.Message;
            }
        }
        catch (OperationCanceledException) when (upload.IsCancellationRequested)
        {
            // Cancelled, replaced by another file, or the page has been left.
        }
        catch (Exception error) when (error is IOException or JSException or JSDisconnectedException or OperationCanceledException)
        {
            _error = "The file could not be read: it changed, or the connection was lost. Choose it again.";
        }
        finally
        {
            // A file chosen meanwhile has taken over.
            if (_upload == upload)
            {
                (_upload, _sending) = (null, null);
                await OnUploading.InvokeAsync(false);
            }
        }
    }

    private async Task<Result<FileReference>> SendAsync(IBrowserFile file, CancellationToken cancellationToken)
    {
        var megabytes = options.Value.MaxFileMegabytes;
        var limit = megabytes * 1024L * 1024;
        if (file.Size > limit)
        {
            var rather = Kind == FileKind.Picture && !_reduce ? "Select “Reduce” and choose it again." : "Choose a smaller file.";
            return Problem.Invalid($"This file is {Format.Bytes(file.Size)}. The limit is {megabytes} MB. {rather}");
        }

        // The service holds a whole file while it checks it, and few at once: a slow browser must not keep one of these places.
        await using var browser = file.OpenReadStream(limit, cancellationToken);
        await using var content = new FileBufferingReadStream(browser, BufferSize);
        var buffer = new byte[BufferSize];
        int count;
        while ((count = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var percent = (int)(content.Position * 100 / Math.Max(file.Size, 1));
            if (percent > _percent && !cancellationToken.IsCancellationRequested)
            {
                _percent = Math.Min(percent, 100);
                StateHasChanged();
            }
        }

        content.Position = 0;
        return await files.UploadAsync(await ActorAsync(), file.Name, content, cancellationToken, Kind);
    }

    private void Cancel() => _upload?.Cancel();

    private async Task RemoveAsync()
    {
        (_error, _said) = (null, "Removed.");
        await ValueChanged.InvokeAsync("");
        // The button that had the focus is gone.
        if (_input?.Element is { } element)
        {
            await element.FocusAsync();
        }
    }
}
