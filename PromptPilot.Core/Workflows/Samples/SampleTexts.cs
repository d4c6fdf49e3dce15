using System.Reflection;

namespace PromptPilot.Core.Workflows.Samples;

/// <summary>The texts that the sample workflows start with; docs/samples.md names sources and licences.</summary>
internal static class SampleTexts
{
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
