using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;

namespace PromptPilot.Core.Liquid;

/// <summary>
/// Lets Scriban read <c>a.b</c> and <c>a[b]</c> by <see cref="LiquidValue"/>, with nil for missing values. Nothing can be set.
/// </summary>
internal sealed class LiquidAccessor : IObjectAccessor
{
    public static readonly LiquidAccessor Default = new();

    public bool HasIndexer => true;

    public Type IndexType => typeof(object);

    public int GetMemberCount(TemplateContext context, SourceSpan span, object target) => 0;

    public IEnumerable<string> GetMembers(TemplateContext context, SourceSpan span, object target) => [];

    public bool HasMember(TemplateContext context, SourceSpan span, object target, string member) =>
        LiquidValue.Member(target, ((LiquidContext)context).Names.Of(member)) is not null;

    public bool TryGetValue(TemplateContext context, SourceSpan span, object target, string member, out object? value)
    {
        value = LiquidValue.Member(target, ((LiquidContext)context).Names.Of(member));
        return true;
    }

    public bool TryGetItem(TemplateContext context, SourceSpan span, object target, object index, out object? value)
    {
        value = LiquidValue.Index(target, index);
        return true;
    }

    public bool TrySetValue(TemplateContext context, SourceSpan span, object target, string member, object? value) => false;

    public bool TrySetItem(TemplateContext context, SourceSpan span, object target, object index, object? value) => false;
}
