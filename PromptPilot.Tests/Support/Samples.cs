namespace PromptPilot.Tests.Support;

/// <summary>How many random cases a property is tried on.</summary>
internal static class Samples
{
    /// <summary>Whether the long tests run, as <c>./test.sh --soak</c> says.</summary>
    public static bool AreMany { get; } = Environment.GetEnvironmentVariable("PROMPTPILOT_SOAK") == "true";

    /// <param name="few">With each change: what a second or so is enough for.</param>
    /// <param name="many">With the long tests.</param>
    public static int Count(int few, int many) => AreMany ? many : few;
}
