using Scriban;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PromptPilot.Core.Liquid.Filters;

/// <summary>One filter: a pure function of its input and arguments, in the form that Scriban calls.</summary>
/// <param name="Minimum">Arguments at least, without the input.</param>
/// <param name="Maximum">Arguments at most.</param>
internal sealed record LiquidFilter(string Name, int Minimum, int Maximum, Func<object?, object?[], object?> Apply) : IScriptCustomFunction
{
    /// <summary>
    /// Its name in the tree and the context: no variable or key can have it, so none shadows a filter and no filter can be read as a value.
    /// </summary>
    public string Key => "|" + Name;

    public int RequiredParameterCount => 0;

    public int ParameterCount => 0;

    public ScriptVarParamKind VarParamKind => ScriptVarParamKind.Direct;

    public Type ReturnType => typeof(object);

    public ScriptParameterInfo GetParameterInfo(int index) => new(typeof(object), "value");

    public object? Invoke(
        TemplateContext context,
        ScriptNode? callerContext,
        ScriptArray arguments,
        ScriptBlockStatement? blockStatement
    ) => ((LiquidContext)context).Filter(this, arguments[0], [.. arguments.Skip(1)]);

    public ValueTask<object?> InvokeAsync(
        TemplateContext context,
        ScriptNode? callerContext,
        ScriptArray arguments,
        ScriptBlockStatement? blockStatement
    ) => new(Invoke(context, callerContext, arguments, blockStatement));

    public string Usage(int given) =>
        (Minimum, Maximum) switch
        {
            (0, 0) => $"The filter “{Name}” takes no argument, not {given}.",
            var (least, most) when least == most => $"The filter “{Name}” takes {least} argument{(least == 1 ? "" : "s")}, not {given}.",
            var (least, most) => $"The filter “{Name}” takes {least} to {most} arguments, not {given}.",
        };
}
