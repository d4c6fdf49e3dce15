namespace PromptPilot.Core.Shared;

/// <summary>A row that counts its changes, so that nobody overwrites a change they have not seen.</summary>
public interface IRevised
{
    int Revision { get; }
}
