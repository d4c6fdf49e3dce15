using System.Text.Json;
using PromptPilot.Core.Liquid.Checking;
using PromptPilot.Core.Liquid.Hints;
using PromptPilot.Core.Shared;
using Scriban;
using Scriban.Parsing;
using Scriban.Syntax;

namespace PromptPilot.Core.Liquid;

/// <summary>A text as Scriban's syntax tree, checked and ready to be rendered: what templates and expressions share.</summary>
internal sealed class LiquidSyntax
{
    public static readonly LexerOptions LexerOptions = new() { Lang = ScriptLang.Liquid };

    private const string Before = "{{ ";
    private const string AsText = " To send these braces as text, put them between {% raw %} and {% endraw %}.";

    private readonly string _text;
    private readonly int _shift;
    private readonly LiquidChecker? _checker;

    private LiquidSyntax(string text, bool isExpression)
    {
        _text = text;
        _shift = isExpression ? Before.Length : 0;
        var mistakes = new List<LiquidException>();
        try
        {
            LiquidText.Check(text);
            var tokens = LiquidTokens.Read(isExpression ? Before + text + " }}" : text, isExpression);
            Names = tokens.Names;
            Template = Template.ParseLiquid(tokens.Text, lexerOptions: LexerOptions);
            mistakes.AddRange(Template.Messages.Select(ParserMessages.Plain).Take(1));
            if (mistakes.Count == 0)
            {
                _checker = new LiquidChecker(tokens, isExpression);
                _checker.Visit((ScriptNode?)Template.Page);
                mistakes.AddRange(_checker.Mistakes);
            }
        }
        catch (LiquidException mistake)
        {
            mistakes.Add(mistake);
        }

        Errors = [.. mistakes.OrderBy(m => m.Offset).Select(m => Locate(WithAdvice(m, isExpression), m.Offset))];
        Warnings = Errors.Count > 0 || _checker is null ? [] : [.. _checker.Warnings.Select(w => Locate(w.Message, w.Offset))];
    }

    public Template? Template { get; }

    /// <summary>The text's names for the names in the tree.</summary>
    public LiquidNames Names { get; } = LiquidNames.None;

    /// <summary>Errors, by position.</summary>
    public IReadOnlyList<LiquidError> Errors { get; }

    /// <summary>Included parts, by position.</summary>
    public IReadOnlyList<LiquidInclude> Includes => _checker?.Includes ?? [];

    /// <summary>Valid code that probably means something else.</summary>
    public IReadOnlyList<LiquidError> Warnings { get; }

    /// <summary>Free variables: names that are read but not bound before, each with its first position.</summary>
    public IReadOnlyList<(string Name, int Offset)> Free => _checker?.Free ?? [];

    public bool HasDefault => _checker?.HasDefault ?? false;

    public static LiquidSyntax OfTemplate(string text) => new(text, isExpression: false);

    public static LiquidSyntax OfExpression(string text) => new(text, isExpression: true);

    /// <summary>Adds how to write what was probably meant, in Liquid or as text.</summary>
    private string WithAdvice(LiquidException mistake, bool isExpression)
    {
        var advice = LiquidDialects.Advice(isExpression ? Before + _text + " }}" : _text, mistake.Offset);
        return mistake.Message + (advice is null ? "" : " " + advice) + (mistake.MayBeText && !isExpression ? AsText : "");
    }

    public LiquidError Locate(string message, int offset) => LiquidText.Locate(_text, message, offset - _shift);

    /// <summary>The scope of one rendering or evaluation with these values.</summary>
    /// <param name="parts">The parts it can include.</param>
    public LiquidContext Context(
        IReadOnlyDictionary<string, JsonElement> values,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, LiquidPart>? parts = null
    ) =>
        new(
            values,
            DeclaredWith(parts ?? LiquidPart.None).ToHashSet(StringComparer.Ordinal),
            new LiquidScope(this, Names, parts ?? LiquidPart.None),
            cancellationToken
        );

    /// <summary>Free variables, in order of first appearance, with those that parts need and this text gives no value.</summary>
    public IEnumerable<string> DeclaredWith(IReadOnlyDictionary<string, LiquidPart> parts) =>
        parts.Count == 0
            ? Free.Select(f => f.Name)
            : Free.Select(f => f.Name)
                .Concat(
                    Includes
                        .Where(include => parts.ContainsKey(include.Key))
                        .SelectMany(include => parts[include.Key].Variables.Where(name => !include.Bound.Contains(name)))
                )
                .Distinct();

    /// <summary>Runs the tree; what a template can do wrong comes back as a problem with its place.</summary>
    public Result<T> Run<T>(LiquidContext context, Func<Template, T> run, CancellationToken cancellationToken)
    {
        try
        {
            return run(Template!);
        }
        catch (ScriptRuntimeException error) when (error is ScriptAbortException || error.InnerException is OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (ScriptRuntimeException error) when (error.InnerException is null or LiquidException or InsufficientExecutionStackException)
        {
            return Problem.Invalid(LiquidText.Sentence(Locate(error.OriginalMessage, error.Span.Start.Offset)));
        }
        catch (LiquidException error)
        {
            return Problem.Invalid(LiquidText.Sentence(Locate(error.Message, error.Offset)));
        }
    }
}
