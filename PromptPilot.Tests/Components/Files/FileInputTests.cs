using System.Security.Claims;
using System.Text.Json;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Files;
using PromptPilot.Web.Features.Runs.Start;

namespace PromptPilot.Tests.Components.Files;

public sealed class FileInputTests : ComponentTest, IAsyncLifetime
{
    private readonly List<bool> _uploading = [];
    private EngineHost _host = null!;
    private string _value = "";

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(new ScriptedModel());
        AddAuthorization()
            .SetAuthorized("Author")
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, "author"), new Claim(Session.Claim, "author-session"));
        Services.AddSingleton(_host.Get<FileService>()).AddSingleton(Options.Create(new FilesOptions { MaxFileMegabytes = 1 }));
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public void Picture_IsUploadedAndShown_AndRemovedAgain()
    {
        var input = Draw(FileKind.Picture);
        Upload(input, SampleFiles.Png(30, 20), "scan.png");

        input.WaitForAssertion(() => FileValue.Read(_value)!.Name.Should().Be("scan.png"));
        _uploading.Should().Equal(true, false);
        Redraw(input);
        var file = FileValue.Read(_value)!;
        input.Find("img").GetAttribute("src").Should().Be($"files/{file.File}");
        input.Find("[data-testid=file-chip]").TextContent.Should().Contain("scan.png").And.Contain("64");
        input.Find("[role=status]").TextContent.Should().Contain("Uploaded scan.png");
        input.Find("label").TextContent.Should().Be("Replace it");

        input.Find("[data-testid=photo-remove]").Click();

        _value.Should().BeEmpty();
        Redraw(input);
        input.FindAll("img").Should().BeEmpty();
    }

    [Theory]
    [InlineData("a.txt", "Some text.", "This must be a picture (PNG, JPEG or WebP), but the file is a text file.")]
    [InlineData("a.png", "GIF89a", "This is a GIF. Save it as PNG. Send a picture (PNG, JPEG or WebP).")]
    public void FileOfAnotherKind_IsAnErrorAtTheField_AndKeepsTheValue(string name, string content, string error)
    {
        _value = FileValue.Of(new FileReference(new string('a', 64), "before.png", MediaTypes.Png, 5));
        var input = Draw(FileKind.Picture);
        Upload(input, SampleFiles.Utf8(content), name);

        input.WaitForAssertion(() => input.Find("#photo-upload-error").TextContent.Should().Be(error));
        var control = input.Find("input[type=file]");
        control.GetAttribute("aria-invalid").Should().Be("true");
        control.GetAttribute("aria-describedby").Should().Be("photo-help photo-upload-error");
        FileValue.Read(_value)!.Name.Should().Be("before.png");
        _uploading.Should().Equal(true, false);
    }

    [Fact]
    public void Scan_SaysWhatToDo()
    {
        var input = Draw(FileKind.Document);
        Upload(input, SampleFiles.EmptyPdf(2), "scan.pdf");

        input.WaitForAssertion(() => input.Find("#photo-upload-error").TextContent.Should().Contain("scanned"), EngineHost.Limit);
    }

    [Fact]
    public void FileAboveTheLimit_IsNotRead()
    {
        var input = Draw(FileKind.Picture);
        Upload(input, new byte[1_500_000], "large.png");

        input.WaitForAssertion(() =>
            input
                .Find("#photo-upload-error")
                .TextContent.Should()
                .Be("This file is 1.43 MB. The limit is 1 MB. Select “Reduce” and choose it again.")
        );
    }

    [Fact]
    public void TwoFiles_AreRefused()
    {
        var input = Draw(FileKind.Document);
        input
            .FindComponent<InputFile>()
            .UploadFiles(InputFileContent.CreateFromText("a", "a.txt"), InputFileContent.CreateFromText("b", "b.txt"));

        input.Find("#photo-upload-error").TextContent.Should().Be("This field accepts one file. Choose one.");
        _uploading.Should().BeEmpty();
    }

    [Fact]
    public void RunForm_KeepsTheFileOverAnErrorAtAnotherField_AndSendsItsReference()
    {
        IReadOnlyDictionary<string, JsonElement>? sent = null;
        var form = Render<RunForm>(parameters =>
            parameters
                .Add(
                    f => f.Inputs,
                    [
                        new WorkflowInput { Name = "doc", Type = VariableType.Document },
                        new WorkflowInput { Name = "topic", Type = VariableType.Text },
                    ]
                )
                .Add(f => f.OnRun, values => sent = values)
        );
        form.Find("form").Submit();
        form.Find("#input-doc-error").TextContent.Should().Be("This field is required.");
        Upload(form, SampleFiles.Utf8("The lease ends in March."), "lease.txt");
        form.WaitForAssertion(() => form.Find("[data-testid=file-chip]").TextContent.Should().Contain("lease.txt"));

        form.Find("form").Submit();
        form.Find("#input-topic-error").TextContent.Should().Be("This field is required.");
        form.Find("[data-testid=file-chip]").TextContent.Should().Contain("lease.txt");
        form.Find("#input-topic").Change("dates");
        form.Find("form").Submit();

        FileReference.Read(sent!["doc"])!.Type.Should().Be(MediaTypes.Text);
    }

    private static void Upload(IRenderedComponent<IComponent> at, byte[] content, string name) =>
        at.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary(content, name));

    private IRenderedComponent<FileInput> Draw(FileKind kind) =>
        Render<FileInput>(parameters =>
            parameters
                .Add(i => i.Id, "photo")
                .Add(i => i.Kind, kind)
                .Add(i => i.Value, _value)
                .Add(i => i.ValueChanged, value => _value = value)
                .Add(i => i.OnUploading, _uploading.Add)
                .AddUnmatched("aria-describedby", "photo-help")
        );

    private void Redraw(IRenderedComponent<FileInput> input) => input.Render(parameters => parameters.Add(i => i.Value, _value));
}
