using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A document and a picture in the run form.</summary>
public sealed class FileJourneyTests(Chrome chrome, SharedPortalWithReceivers portal)
    : IClassFixture<SharedPortalWithReceivers>,
        IAsyncLifetime
{
    private const string LongName = "Contract-of-the-lease-with-all-annexes-and-amendments-signed-by-both-parties-final-version-2.pdf";

    private BrowserWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BrowserWorld.CreateAsync(chrome, portal);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task DocumentAndPicture_AreChosenAndPasted_AndTheRunReadsTheDocument()
    {
        var workflow = await AddWorkflowAsync();
        var window = await _world.SignInAsync(Role.Collaborator);
        var page = window.Page;
        await page.SetViewportSizeAsync(2_400, 900);
        await window.GoAsync($"/workflows/{workflow}/run");
        await page.WaitForFunctionAsync("() => document.querySelector('#input-photo')?._blazorInputFileNextFileId !== undefined");
        var picture = await page.ScreenshotAsync();
        await page.SetViewportSizeAsync(1_280, 800);

        await page.GetByTestId("input-lease")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = LongName,
                    MimeType = "application/pdf",
                    Buffer = SampleFiles.EmptyPdf(1),
                }
            );
        await Assertions.Expect(page.GetByTestId("input-lease-upload-error")).ToContainTextAsync("scanned");
        await page.GetByTestId("input-lease")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = LongName,
                    MimeType = "application/pdf",
                    Buffer = SampleFiles.Pdf("The lease ends in March."),
                }
            );
        await Assertions.Expect(page.GetByTestId("field-lease").GetByTestId("file-chip")).ToContainTextAsync("Contract-of");
        await page.GetByTestId("input-photo-reduce").CheckAsync();
        await Assertions.Expect(page.GetByTestId("input-photo")).ToHaveAttributeAsync("data-reduce", "2000");
        await PasteAsync(page, picture);
        var preview = page.GetByTestId("input-photo-preview");
        await Assertions.Expect(preview).ToBeVisibleAsync();
        await Eventually.HoldsAsync(
            async () => await preview.EvaluateAsync<int>("picture => picture.naturalWidth") == 2_000,
            "the picture to be shown in its smaller size"
        );
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("run-form-files");

        await page.GetByTestId("run-submit").ClickAsync();

        await Assertions.Expect(page.GetByTestId("run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        _world.Model.Calls[^1].Prompt.Should().Be("Sum up: The lease ends in March.");
        await window.GoAsync($"/workflows/{workflow}/run");
        await Assertions.Expect(page.GetByTestId("field-lease").GetByTestId("file-chip")).ToContainTextAsync("Contract-of");
        window.AssertClean();
    }

    /// <summary>As from the clipboard: the field has the focus.</summary>
    private static async Task PasteAsync(IPage page, byte[] picture)
    {
        await page.GetByTestId("input-photo").FocusAsync();
        await page.EvaluateAsync(
            """
            base64 => {
              const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
              const clipboardData = new DataTransfer();
              clipboardData.items.add(new File([bytes], "image.png", { type: "image/png" }));
              document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
            }
            """,
            Convert.ToBase64String(picture)
        );
    }

    private async Task<string> AddWorkflowAsync()
    {
        var unique = Guid.NewGuid().ToString("N")[..8];
        var prompt = await _world.Api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = $"Sum up {unique}",
                content = "Sum up: {{ lease }}",
                metadata = new { category = "test", tags = Array.Empty<string>() },
            }
        );
        var workflow = await _world.Api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = $"Leases {unique}",
                inputs = new[]
                {
                    new
                    {
                        name = "lease",
                        type = "document",
                        required = true,
                    },
                    new
                    {
                        name = "photo",
                        type = "image",
                        required = false,
                    },
                },
                steps = new[]
                {
                    new
                    {
                        promptId = prompt.GetProperty("id").GetString(),
                        model = _world.ProfileId,
                        inputMapping = new { lease = "lease" },
                        outputKey = "summary",
                        order = 1,
                    },
                },
            }
        );
        var id = workflow.GetProperty("id").GetString()!;
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);
        return id;
    }
}
