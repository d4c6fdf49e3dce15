using System.Reflection;

namespace PromptPilot.Core.Workflows.Samples;

/// <summary>The default inputs of the sample workflows. docs/samples.md names sources and licenses.</summary>
internal static class SampleTexts
{
    /// <summary>Written for the samples.</summary>
    public const string NotesOfAWeek = """
        Monday: The team decided to move the launch to 12 May, because the payment provider needs two more weeks for its review.
        Monday: Ada must send the new date to all partners by Wednesday.
        Tuesday: Support counted 48 tickets about the export. Most of them ask for CSV with semicolons.
        Tuesday: Ben will add the separator as an option, and must not change the default.
        Wednesday: The partners agreed to the new date. Two of them want to see a preview before the launch.
        Thursday: The preview is planned for 28 April. Carla prepares the data and must leave out all names of customers.
        Friday: The budget stays as it is. The third server was cancelled, which saves 140 euros a month.
        Friday: Next week the team decides whether the export becomes a plan of its own.

        """;

    public static string GplPreamble() => Read("gpl-3-preamble.txt");

    public static string BillOfRights() => Read("bill-of-rights.txt");

    private static string Read(string name)
    {
        using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream($"Samples.{name}")
            ?? throw new InvalidOperationException($"The sample text {name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
