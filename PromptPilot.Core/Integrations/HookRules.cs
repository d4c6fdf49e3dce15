namespace PromptPilot.Core.Integrations;

/// <summary>What a hook must be like to be stored.</summary>
internal static class HookRules
{
    public const int MaxName = 200;
    public const int MaxUrl = 2000;
}
