using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using PromptPilot.Web.Components.Layout;

namespace PromptPilot.Tests.Components.Layout;

/// <summary>A fault in a dialog or menu leaves the rest of the page, and the dialog can be opened again.</summary>
public class ShellBoundaryTests : ComponentTest
{
    private sealed class Broken : ComponentBase
    {
        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "button");
            builder.AddAttribute(1, "onclick", EventCallback.Factory.Create(this, Fail));
            builder.CloseElement();
        }

        private static void Fail() => throw new InvalidOperationException("broken");
    }

    [Fact]
    public void Fault_OfAHandler_IsShownAndItsContentReturns()
    {
        var shell = Render<ShellBoundary>(p => p.AddChildContent<Broken>());

        shell.Find("button").Click();

        shell.WaitForElement("button");
        var shown = Services.GetRequiredService<ISnackbar>().ShownSnackbars;
        shown.Should().ContainSingle().Which.Message.Should().Contain("went wrong");

        // At once again: it stays away instead of failing forever.
        shell.Find("button").Click();
        shell.FindAll("button").Should().BeEmpty();
    }
}
