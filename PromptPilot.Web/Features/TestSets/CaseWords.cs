using PromptPilot.Core.TestSets;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>Display names for the origins of cases.</summary>
internal static class CaseWords
{
    public static string Of(CaseOrigin origin) =>
        origin switch
        {
            CaseOrigin.Manual => "Manual",
            CaseOrigin.Run => "Run",
            CaseOrigin.Feedback => "Rating",
            CaseOrigin.Playground => "Playground",
            CaseOrigin.File => "File",
            CaseOrigin.Example => "Example",
        };
}
