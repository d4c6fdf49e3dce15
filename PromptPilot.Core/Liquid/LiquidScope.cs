namespace PromptPilot.Core.Liquid;

/// <summary>The text that is rendered at the moment: a template, or a part that it includes.</summary>
/// <param name="Names">The template's names for the names in its tree.</param>
/// <param name="Parts">The parts it can include.</param>
/// <param name="Depth">Parts around it.</param>
internal sealed record LiquidScope(LiquidSyntax Syntax, LiquidNames Names, IReadOnlyDictionary<string, LiquidPart> Parts, int Depth = 0)
{
    public LiquidScope Of(LiquidPart part)
    {
        var syntax = LiquidTemplate.Parse(part.Text).Syntax;
        return new LiquidScope(syntax, syntax.Names, part.Parts, Depth + 1);
    }
}
