namespace PromptPilot.Core.Shared.Liquid;

/// <summary>One filter: a pure function of its input and arguments.</summary>
/// <param name="Minimum">Arguments at least.</param>
/// <param name="Maximum">Arguments at most.</param>
internal sealed record LiquidFilter(string Name, int Minimum, int Maximum, Func<object?, object?[], object?> Apply)
{
    public string Usage(int given) => (Minimum, Maximum) switch
    {
        (0, 0) => $"The filter “{Name}” takes no argument, not {given}.",
        var (least, most) when least == most => $"The filter “{Name}” takes {least} argument{(least == 1 ? "" : "s")}, not {given}.",
        var (least, most) => $"The filter “{Name}” takes {least} to {most} arguments, not {given}.",
    };
}
