namespace PromptPilot.Web.Components.Controls.Display;

/// <summary>The meaning of each rating.</summary>
internal static class RatingWords
{
    private static readonly string[] Words = ["Unusable", "Poor", "Needs edits", "Good", "Excellent"];

    /// <param name="rating">1 to 5.</param>
    public static string Of(int rating) => Words[rating - 1];
}
