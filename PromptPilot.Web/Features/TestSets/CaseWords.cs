using PromptPilot.Core.TestSets;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>Where a case comes from, for people.</summary>
internal static class CaseWords
{
    public static string Of(CaseOrigin origin) =>
        origin switch
        {
            CaseOrigin.Manual => "Typed",
            CaseOrigin.Run => "Run",
            CaseOrigin.Feedback => "Rating",
            CaseOrigin.Playground => "Playground",
            CaseOrigin.File => "File",
        };
}
