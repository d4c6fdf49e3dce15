using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Core.Shared;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PromptPilot.Core.Liquid;

/// <summary>
/// One rendering by Scriban: its built-ins are the closed table of filters alone, its variables the given values, and its limits those of
/// <see cref="LiquidLimits"/>.
/// </summary>
internal sealed class LiquidContext : TemplateContext
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private Dictionary<string, long>? _counters;
    private Dictionary<string, int>? _cycles;
    private long _work;
    private int _rounds;
    private int _captures;

    /// <summary>Texts of the filter <c>json</c>, by identity: another filter makes another text.</summary>
    private HashSet<string>? _json;
    private LiquidScope _scope;

    /// <param name="values">Values by name. Only the names of <paramref name="declared"/> can be read; one without value is nil.</param>
    /// <param name="declared">The free variables of what is rendered.</param>
    /// <param name="scope">The template and its values.</param>
    public LiquidContext(
        IReadOnlyDictionary<string, JsonElement> values,
        IReadOnlySet<string> declared,
        LiquidScope scope,
        CancellationToken cancellationToken
    )
        : base(LiquidFilters.Builtins)
    {
        _scope = scope;
        Language = ScriptLang.Liquid;
        IsLiquid = true;
        CancellationToken = cancellationToken;
        AutoIndent = false;
        StrictVariables = true;
        EnableRelaxedTargetAccess = true;
        EnableRelaxedMemberAccess = true;
        EnableNullIndexer = true;
        LoopLimit = LiquidLimits.Rounds;
        RecursiveLimit = LiquidLimits.Depth;

        // Scriban would cut a long text silently; BoundedOutput refuses it.
        LimitToString = 0;
        PushGlobal(new ScriptObject());
        PushOutput(new BoundedOutput());
        TryGetVariable = (TemplateContext _, SourceSpan _, ScriptVariable variable, out object? value) =>
        {
            if (_counters is not null && _counters.TryGetValue(variable.Name, out var count))
            {
                value = count;
                return true;
            }

            value = null;
            var name = Names.Of(variable.Name);
            if (!declared.Contains(name))
            {
                return false;
            }

            if (values.TryGetValue(name, out var json))
            {
                value = LiquidValue.FromJson(json);
                CurrentGlobal!.SetValue(variable.Name, value, readOnly: false);
            }

            return true;
        };
    }

    /// <summary>The template is JSON: printed texts are escaped.</summary>
    public bool WritesJson { get; set; }

    /// <summary>The template's names for the names in the tree.</summary>
    public LiquidNames Names => _scope.Names;

    public static bool IsWord(string name) => name is "nil" or "null" or "empty" or "blank";

    /// <summary>
    /// Scriban evaluates everything but what it means otherwise than Liquid: comparisons (text “1” is not the number 1), ranges, counters,
    /// cycles and captures.
    /// </summary>
    public override object? Evaluate(ScriptNode? scriptNode, bool aliasReturnedFunction) =>
        scriptNode switch
        {
            ScriptBinaryExpression binary when LiquidComparison.Is(binary.Operator) => LiquidComparison.Of(
                binary,
                Evaluate(binary.Left, false),
                Evaluate(binary.Right, false)
            ),
            ScriptBinaryExpression { Operator: ScriptBinaryOperator.RangeInclude } range => Range(range),
            ScriptBinaryExpression
            {
                Operator: ScriptBinaryOperator.Add or ScriptBinaryOperator.Subtract,
                Left: ScriptVariable counter
            } binary => Count(counter.Name, binary.Operator == ScriptBinaryOperator.Add ? 1 : -1),
            ScriptFunctionCall { Target: ScriptVariable { Name: "cycle" } } cycle => Cycle(cycle),
            ScriptFunctionCall { Target: ScriptVariable { Name: LiquidIncludeTag.Function } } include => Include(include),
            ScriptCaseStatement choice => Case(choice),
            ScriptCaptureStatement capture => Capture(capture),
            _ => base.Evaluate(scriptNode, aliasReturnedFunction),
        };

    /// <summary>Calls a filter within the limits.</summary>
    public object? Filter(LiquidFilter filter, object? value, object?[] arguments)
    {
        CheckTime();
        try
        {
            var result = filter.Apply(value, arguments);
            if (WritesJson && filter.Name == "json" && result is string json)
            {
                (_json ??= new(ReferenceEqualityComparer.Instance)).Add(json);
            }

            Charge(
                result is string text
                    ? ReferenceEquals(text, value)
                        ? 0
                        : text.Length
                    : result is List<object?> list
                        ? list.Count
                        : 0
            );
            return result;
        }
        catch (LiquidException problem) when (filter != LiquidFilters.Rounds)
        {
            throw new LiquidException($"{filter.Name}: {problem.Message}", 0);
        }
    }

    public override string? ObjectToString(object? value, bool nested = false) => LiquidValue.ToText(value);

    /// <summary>Prints a value. The text around it is written as it is.</summary>
    public override TemplateContext Write(SourceSpan span, object? textAsObject)
    {
        if (!WritesJson || _captures > 0 || textAsObject is null || (textAsObject is string text && _json?.Contains(text) == true))
        {
            return base.Write(span, textAsObject!);
        }

        return Write(AppJson.Encoder.Encode(ObjectToString(textAsObject) ?? ""));
    }

    public override bool ToBool(SourceSpan span, object? value) => LiquidValue.IsTrue(value);

    protected override bool OnStepLoop(ScriptLoopStatementBase loop)
    {
        if (++_rounds > LiquidLimits.Rounds)
        {
            throw new LiquidException("The loops of this template exceed 100,000 iterations.", loop.Span.Start.Offset);
        }

        CheckTime();
        return true;
    }

    /// <summary>Members are read by our rules alone, never by reflection. Scriban's own forloop is the exception.</summary>
    protected override IObjectAccessor? GetMemberAccessorImpl(object target) =>
        target is IScriptObject and not (ScriptObject or ScriptArray) ? base.GetMemberAccessorImpl(target) : LiquidAccessor.Default;

    protected override IListAccessor? GetListAccessorImpl(object target, Type type) => null;

    private LiquidRange Range(ScriptBinaryExpression node) =>
        new(LiquidMath.ToWhole(Evaluate(node.Left, false), 0), LiquidMath.ToWhole(Evaluate(node.Right, false), 0));

    private long Count(string name, int step)
    {
        _counters ??= new(StringComparer.Ordinal);
        var before = _counters.GetValueOrDefault(name);
        _counters[name] = before + step;
        return step > 0 ? before : before + step;
    }

    private object? Cycle(ScriptFunctionCall node)
    {
        var values = node.Arguments.OfType<ScriptArrayInitializerExpression>().Single().Values;
        var group = node.Arguments.OfType<ScriptNamedArgument>().FirstOrDefault()?.Value;
        var key = group is null ? string.Join(',', values) : ":" + LiquidValue.ToText(Evaluate(group, false));
        _cycles ??= new(StringComparer.Ordinal);
        var index = _cycles.GetValueOrDefault(key) % values.Count;
        _cycles[key] = index + 1;
        return Evaluate(values[index], false);
    }

    private object? Case(ScriptCaseStatement node)
    {
        var value = Evaluate(node.Value, false);
        ScriptConditionStatement? arm = node.Body?.Statements.OfType<ScriptWhenStatement>().FirstOrDefault();
        while (arm is ScriptWhenStatement when)
        {
            if (when.Values.Any(wanted => LiquidValue.Equals(value, Evaluate(wanted, false))))
            {
                return Evaluate(when.Body, false);
            }

            arm = when.Next;
        }

        return Evaluate(arm, false);
    }

    private object? Capture(ScriptCaptureStatement node)
    {
        PushOutput(new BoundedOutput());
        _captures++;
        string text;
        try
        {
            Evaluate(node.Body, false);
        }
        finally
        {
            _captures--;
            text = PopOutput().ToString()!;
        }

        Charge(text.Length);
        SetValue(node.Target, text);
        return null;
    }

    /// <summary>Renders a part in place. It reads what is around it; what it assigns ends with it.</summary>
    private object? Include(ScriptFunctionCall node)
    {
        var outer = _scope;
        var include = outer.Syntax.Includes[Convert.ToInt32(((ScriptLiteral)node.Arguments[0]).Value, CultureInfo.InvariantCulture)];
        if (!outer.Parts.TryGetValue(include.Key, out var part))
        {
            throw new ScriptRuntimeException(node.Span, $"The part “{include.Name}” does not exist. It may have been deleted or renamed.");
        }

        if (outer.Depth >= LiquidLimits.Parts || ++_rounds > LiquidLimits.Rounds)
        {
            throw new ScriptRuntimeException(node.Span, $"Parts can include parts at most {LiquidLimits.Parts} levels deep.");
        }

        CheckTime();
        _scope = outer.Of(part);
        PushGlobal(new ScriptObject());
        try
        {
            if (_scope.Syntax.Errors.Count > 0)
            {
                throw new LiquidException(_scope.Syntax.Errors[0].Message, 0);
            }

            Evaluate(_scope.Syntax.Template!.Page, false);
        }
        catch (LiquidException error)
        {
            throw new LiquidException(InPart(part, _scope.Syntax.Locate(error.Message, error.Offset)), node.Span.Start.Offset);
        }
        catch (ScriptRuntimeException error)
            when (error is not ScriptAbortException
                && error.InnerException is null or LiquidException or InsufficientExecutionStackException
            )
        {
            throw new ScriptRuntimeException(node.Span, InPart(part, _scope.Syntax.Locate(error.OriginalMessage, error.Span.Start.Offset)));
        }
        finally
        {
            PopGlobal();
            _scope = outer;
        }

        return null;
    }

    private static string InPart(LiquidPart part, LiquidError error) =>
        $"In “{part.Name}”, line {error.Line}, column {error.Column}: {error.Message}";

    private void Charge(long characters)
    {
        _work += characters;
        if (characters > LiquidLimits.Output || _work > LiquidLimits.Work)
        {
            throw new ScriptRuntimeException(CurrentSpan, "This template renders too much text.");
        }
    }

    private void CheckTime()
    {
        CheckAbort();
        if (Stopwatch.GetElapsedTime(_started) > LiquidLimits.Time)
        {
            throw new ScriptRuntimeException(CurrentSpan, "This template takes longer than two seconds.");
        }
    }
}
