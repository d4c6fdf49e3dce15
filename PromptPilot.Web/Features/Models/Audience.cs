using PromptPilot.Core.Models;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Features.Models;

/// <summary>The roles that may use a profile, as chosen in the form: everyone, or admins and the selected roles.</summary>
public sealed class Audience
{
    private readonly HashSet<Role> _ticked = [];

    public bool IsLimited { get; set; }

    public bool Has(Role role) => _ticked.Contains(role);

    public void Tick(Role role, bool on)
    {
        if (on)
        {
            _ticked.Add(role);
        }
        else
        {
            _ticked.Remove(role);
        }
    }

    /// <summary>As the profile stores it: empty for everyone, and only admin if no other role is selected.</summary>
    public IReadOnlyList<Role> Roles => !IsLimited ? [] : [.. ModelUse.Choices.Where(Has), Role.Admin];

    public static Audience Of(IReadOnlyCollection<Role> roles)
    {
        var audience = new Audience { IsLimited = roles.Count > 0 };
        audience._ticked.UnionWith(roles.Where(ModelUse.Choices.Contains));
        return audience;
    }
}
